import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished, expect, test } from 'vitest'
import { imagePins, pinned, pinText } from './image-pins.ts'
import { getDigest, RegistryError } from './registry.ts'

const manifest = '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}'
const digest = `sha256:${createHash('sha256').update(manifest).digest('hex')}`

type Answer = (request: IncomingMessage, response: ServerResponse, origin: string) => void

async function serve(answer: Answer): Promise<string> {
  const server = createServer((request, response) => answer(request, response, origin))
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return origin
}

/** Docker Hub as its documentation has it: no manifest without a token, and a token only for the scope that it named. */
const dockerHub =
  (repository: string, asked: string[] = []): Answer =>
  (request, response, origin) => {
    asked.push(`${request.method} ${request.url}`)
    const url = new URL(request.url ?? '', origin)
    const scope = `repository:${repository}:pull`
    if (url.pathname === '/token') {
      const isRight =
        url.searchParams.get('service') === 'registry.docker.io' && url.searchParams.get('scope') === scope
      response.writeHead(isRight ? 200 : 400, { 'content-type': 'application/json' })
      response.end(JSON.stringify(isRight ? { token: 'anonymous', expires_in: 300 } : {}))
      return
    }
    if (request.headers.authorization !== 'Bearer anonymous') {
      const challenge = `Bearer realm="${origin}/token",service="registry.docker.io",scope="${scope}"`
      response.writeHead(401, { 'www-authenticate': challenge }).end()
      return
    }
    const isThere = url.pathname === `/v2/${repository}/manifests/24-bookworm-slim`
    const takesLists = request.headers.accept?.includes('application/vnd.oci.image.index.v1+json') === true
    if (!isThere || request.method !== 'HEAD') response.writeHead(404).end()
    else response.writeHead(200, { 'docker-content-digest': takesLists ? digest : 'sha256:one-platform' }).end()
  }

test('Docker Hub gives the digest of the list of platforms after its token, for an image of its own library', async () => {
  const asked: string[] = []
  const hub = await serve(dockerHub('library/node', asked))
  expect(await getDigest('node:24-bookworm-slim', hub)).toBe(digest)
  expect(asked.map((line) => line.split('?')[0])).toEqual([
    'HEAD /v2/library/node/manifests/24-bookworm-slim',
    'GET /token',
    'HEAD /v2/library/node/manifests/24-bookworm-slim',
  ])
})

test('an image of a user, and of another registry, is asked for by its own name', async () => {
  expect(await getDigest('grafana/grafana:24-bookworm-slim', await serve(dockerHub('grafana/grafana')))).toBe(digest)
  expect(await getDigest('ghcr.io/a/b/c:24-bookworm-slim', await serve(dockerHub('a/b/c')))).toBe(digest)
})

test.each<[string, Answer, RegExp]>([
  ['does not have the tag', (_request, response) => response.writeHead(404).end(), /does not have it/],
  ['wants fewer requests', (_request, response) => response.writeHead(429).end(), /fewer requests/],
  ['asks for a password', (_request, response) => response.writeHead(401, { 'www-authenticate': 'Basic' }).end(), /where a token/], // prettier-ignore
  ['gives no digest', (_request, response) => response.writeHead(200).end(), /expected a digest/],
  ['gives a digest of another kind', (_request, response) => response.writeHead(200, { 'docker-content-digest': 'md5:1' }).end(), /got "md5:1"/], // prettier-ignore
  ['hangs up', (request) => request.socket.destroy(), /cannot be reached/],
])('a registry that %s is said to', async (_what, answer, words) => {
  const registry = await serve(answer)
  await expect(getDigest('node:24', registry)).rejects.toThrow(RegistryError)
  await expect(getDigest('node:24', registry)).rejects.toThrow(words)
})

test('a name without a tag is refused before anybody is asked', async () => {
  await expect(getDigest('localhost:5000/node')).rejects.toThrow('expected name:tag')
})

test('a pin replaces the mention of its image and no other, and a newer pin the older one', () => {
  const pin = { variable: 'NODE_IMAGE', image: 'node:24', digest }
  const text = '${NODE_IMAGE:-node:24} node:24-slim my/node:24 "node:24"'
  const once = pinText(text, pin)
  expect(once).toBe(`\${NODE_IMAGE:-node:24@${digest}} node:24-slim my/node:24 "node:24@${digest}"`)
  const newer = { ...pin, digest: `sha256:${'0'.repeat(64)}` }
  expect(pinText(once, newer)).toBe(pinText(text, newer))
  expect(pinText(once, { ...pin, digest: null })).toBe(text)
})

test('every image of the list has a name, a tag that stays, and a digest or none', () => {
  for (const pin of imagePins) {
    expect(pin.variable).toMatch(/^[A-Z]+_IMAGE$/)
    expect(pinned(pin)).toMatch(/^[a-z0-9./_-]+:[\w.-]+(@sha256:[0-9a-f]{64})?$/)
    expect(pin.image).not.toMatch(/:latest$/)
  }
  const written = readFileSync(new URL('images.json', import.meta.url), 'utf8')
  expect(written).toBe(`${JSON.stringify(imagePins, null, 2)}\n`)
  expect(new Set(imagePins.map(({ variable }) => variable)).size).toBe(imagePins.length)
})
