import { setTimeout as sleep } from 'node:timers/promises'
import type { Platform } from './platform.ts'

/** One who uses the platform by its API, signed in with the cookie of a browser. */
export interface Analyst {
  get<Body>(path: string, base?: string): Promise<Body>
  fetch(path: string, init?: RequestInit, base?: string): Promise<Response>
  addSource(name: string, count: number): Promise<void>
  /** Titles of the articles of a source, as often as they are there, in order. */
  titles(name: string): Promise<string[]>
}

/** Signs in by a link that the operator's command prints. */
export async function signIn({ compose, webUrl }: Platform): Promise<Analyst> {
  const printed = await compose('exec', '-T', 'worker', 'node', 'apps/cli/src/sign-in-link.ts')
  const [, link] = /#(\S+)/.exec(printed) ?? []
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ link })
  const answer = await fetch(`${webUrl}/api/v1/session`, { method: 'POST', headers, body })
  if (answer.status !== 200) throw new Error(`Signing in gave ${answer.status}: ${await answer.text()}`)
  const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''

  const analyst: Analyst = {
    fetch: (path, init = {}, base = webUrl) =>
      fetch(`${base}/api/v1${path}`, { ...init, headers: { ...headers, cookie }, signal: AbortSignal.timeout(15_000) }),
    async get<Body>(path: string, base?: string) {
      const response = await analyst.fetch(path, {}, base)
      if (!response.ok) throw new Error(`GET ${path} gave ${response.status}: ${await response.text()}`)
      return (await response.json()) as Body
    },
    async addSource(name, count) {
      const body = JSON.stringify({ url: `http://feed:8080/feeds/${name}/${count}` })
      const { status } = await analyst.fetch('/sources', { method: 'POST', body })
      if (status !== 201) throw new Error(`Adding a source gave ${status}.`)
    },
    async titles(name) {
      const titles: string[] = []
      let cursor: string | null = ''
      do {
        const query = `limit=50${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`
        const page: { items: { title: string }[]; nextCursor: string | null } = await analyst.get(`/articles?${query}`)
        titles.push(...page.items.map(({ title }) => title).filter((title) => title.startsWith(`Report ${name} `)))
        cursor = page.nextCursor
      } while (cursor !== null)
      return titles.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    },
  }
  return analyst
}

/** Asks again, whatever went wrong, until the answer is right. */
export async function eventually<Value>(
  read: () => Promise<Value>,
  isRight: (value: Value) => boolean,
  timeoutMs = 120_000,
): Promise<Value> {
  const end = Date.now() + timeoutMs
  for (;;) {
    const found = await read().then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    )
    if ('value' in found && isRight(found.value)) return found.value
    if (Date.now() > end) {
      const last = 'value' in found ? JSON.stringify(found.value) : String(found.error)
      throw new Error(`It did not come to that within ${timeoutMs} ms; at last it was ${last}.`)
    }
    await sleep(250)
  }
}
