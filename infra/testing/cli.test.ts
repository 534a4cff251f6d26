import { createServer } from 'node:http'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startProvider, type StubProvider } from './provider.ts'
import { firstRelease, writeStack } from './stacks.ts'
import { readStack, run, terraformEnvironment, terraformVersion, withoutTerraform } from './terraform.ts'

const infra = fileURLToPath(new URL('..', import.meta.url))
const name = 'staging'

describe.skipIf(withoutTerraform)(`cdktf with Terraform ${terraformVersion ?? '(skipped: not installed)'}`, () => {
  let folder: string
  let provider: StubProvider
  let proxy: Proxy
  let environment: NodeJS.ProcessEnv
  let output: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dayshift-cdktf-'))
    output = join(folder, 'out')
    await writeFile(join(folder, `${name}.json`), JSON.stringify(firstRelease(name)))
    provider = await startProvider(await readStack(writeStack(join(folder, 'types'), name)))
    proxy = await openProxy()
    environment = {
      ...terraformEnvironment(provider, proxy.address),
      // Node 22, for which the command line is made, comes with this folder's packages.
      PATH: [join(infra, 'node_modules', '.bin'), process.env['PATH']].join(delimiter),
      NODE_USE_ENV_PROXY: '1',
      NODE_OPTIONS: '--disable-warning=UNDICI-EHPA',
      ENVIRONMENT: name,
      STATE_FOLDER: folder,
      RELEASES: folder,
    }
  })
  afterAll(async () => {
    await provider[Symbol.asyncDispose]()
    await proxy[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  const cdktf = async (command: string, ...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(
      'cdktf',
      [command, name, '--output', output, ...args],
      environment,
      infra,
    )
    const said = withoutColours(stdout)
    if (code !== 0 || stderr !== '') throw new Error(`cdktf ${command} ended with ${code}: ${said}${stderr}`)
    // So the command line shows whatever the program says beside its stacks.
    expect(said).not.toContain('[ERROR]')
    return said
  }
  const offline = '--skip-provider-lock'

  it('runs under Node 22', async () => {
    expect((await run('node', ['--version'], environment)).stdout).toMatch(/^v22\./)
  })

  it('would notice a look at the network', async () => {
    const { CHECKPOINT_DISABLE: _, ...asking } = environment
    await run('terraform', ['version'], asking)
    expect(proxy.asked.splice(0)).toContain('checkpoint-api.hashicorp.com:443')
  })

  it('deploys, finds no difference, and destroys, without a look at the network', { timeout: 300_000 }, async () => {
    const deployed = await cdktf('deploy', '--auto-approve', offline)
    expect(deployed).toMatch(/Apply complete! Resources: \d+ added, 0 changed, 0 destroyed/)
    const state = await readFile(join(folder, `${name}.tfstate`), 'utf8')
    expect(provider.secretsGiven).not.toEqual([])
    expect(provider.secretsGiven.filter((secret) => state.includes(secret))).toEqual([])

    expect(await cdktf('diff', offline)).toContain('No changes. Your infrastructure matches the configuration.')
    expect(await cdktf('destroy', '--auto-approve', offline)).toMatch(/Destroy complete! Resources: \d+ destroyed/)
    expect(proxy.asked).toEqual([])
  })
})

// oxlint-disable-next-line no-control-regex -- the escape character is what is removed
const withoutColours = (text: string): string => text.replaceAll(/\u001b\[[0-9;]*[A-Za-z]/g, '')

interface Proxy extends AsyncDisposable {
  address: string
  /** What it was asked to reach. It reaches nothing. */
  asked: string[]
}

/** A proxy to which everybody comes who wants to leave this machine. */
async function openProxy(): Promise<Proxy> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.writeHead(502).end()
  })
  server.on('connect', (request, socket) => {
    asked.push(request.url ?? '')
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
