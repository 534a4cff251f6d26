import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect, isIP } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { createOutbound, OutboundError } from './index.ts'

type Case = {
  id: string
  url: string
  why: string
  expect: 'refuse' | 'allow'
  alsoSafe?: 'refuse'
  normalisedHost?: string
  /** One entry for each query, the last one repeats; a text is the resolver's error code. */
  resolves?: Answer[]
  hosts?: Record<string, Answer[]>
  redirectsTo?: string[]
  options?: { nat64?: boolean }
  reach?: string[]
  never?: string[]
}
type Answer = string[] | string

const corpus = new URL('../../../../shared/corpus/hostile/ssrf.json', import.meta.url)
const present = existsSync(corpus)
const cases: Case[] = present ? JSON.parse(readFileSync(corpus, 'utf8')).cases : []
const knownPublic = new Set(cases.filter((entry) => entry.expect === 'allow').flatMap(firstAddresses))

/** Redirects as the case says, byte for byte; "OK" when there is none left. */
let locations: string[] = []
const server = createServer((request, response) => {
  const location = locations.shift()
  if (location === undefined) return void response.end('OK')
  request.socket.end(`HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`)
})

beforeAll(() => new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve)))
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

describe.skipIf(!present)(
  `the 309 cases of ../shared/corpus/hostile/ssrf.json${present ? '' : ' (absent, not run)'}`,
  () => {
    test('are all there', () => {
      expect(cases).toHaveLength(309)
      expect(cases.filter((entry) => entry.expect === 'refuse')).toHaveLength(249)
    })

    test.each(cases)('$id: $expect, $why', async (entry) => {
      const dialled: string[] = []
      const queries = new Map<string, number>()
      locations = [...(entry.redirectsTo ?? [])]
      const outbound = createOutbound({
        ...entry.options,
        async resolve(hostname) {
          const name = hostname.toLowerCase().replace(/\.$/, '')
          const answers = entry.hosts?.[name] ?? entry.resolves ?? ['ENOTFOUND']
          const query = queries.get(name) ?? 0
          queries.set(name, query + 1)
          const answer = answers[Math.min(query, answers.length - 1)]!
          if (typeof answer === 'string') throw Object.assign(new Error(answer), { code: answer })
          return answer
        },
        async dial(target) {
          dialled.push(...target.addresses)
          return connect((server.address() as AddressInfo).port, '127.0.0.1')
        },
      })
      const outcome = await outbound.get(entry.url).then(
        (response) => (Buffer.from(response.body).toString() === 'OK' ? 'allow' : 'another page'),
        (error: unknown) => (error instanceof OutboundError ? 'refuse' : error),
      )
      await outbound.close()

      expect([entry.expect, entry.alsoSafe]).toContain(outcome)
      expect(dialled.filter((address) => !knownPublic.has(address))).toEqual([])
      expect(dialled.filter((address) => entry.never?.includes(address))).toEqual([])
      const wanted = outcome === 'allow' ? (entry.reach ?? []) : []
      expect(wanted.filter((address) => !dialled.includes(address))).toEqual([])
    })
  },
)

/** What an allowed case reaches: its literal address, or the first answer for each of its names. */
function firstAddresses(entry: Case): string[] {
  const host = (entry.normalisedHost ?? '').replace(/^\[|\]$/g, '')
  const literals = [host, ...(entry.redirectsTo ?? []).map((location) => URL.parse(location)?.hostname ?? '')]
  const answers = [entry.resolves?.[0] ?? [], ...Object.values(entry.hosts ?? {}).map((list) => list[0] ?? [])]
  return [...literals.filter((text) => isIP(text) !== 0), ...answers.flat()]
}
