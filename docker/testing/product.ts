import { randomBytes, randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'

/** What issue and docs promise of an image; memory is what the process has for itself. */
export const limits = {
  web: { sizeMb: 60, startMs: 800, idleMb: 130 },
  worker: { sizeMb: 90, startMs: 800, idleMb: 160 },
} as const

export interface TestServices {
  /** Settings with a database and a Redis of their own. */
  open(): Promise<Record<string, string>>
  close(): Promise<void>
}

/** The servers of TEST_DATABASE_URL and TEST_REDIS_URL; undefined without them. */
export async function openTestServices(): Promise<TestServices | undefined> {
  const { TEST_DATABASE_URL: server, TEST_REDIS_URL: redis } = process.env
  if (!server || !redis) return undefined
  const name = `dayshift_image_${randomBytes(6).toString('hex')}`
  const run = async (statement: string): Promise<void> => {
    const client = new Client({ connectionString: server })
    await client.connect()
    try {
      await client.query(statement)
    } finally {
      await client.end()
    }
  }
  return {
    async open() {
      await run(`create database ${name}`)
      const url = new URL(server)
      url.pathname = name
      // One of Redis' numbered databases, so that two runs on one server seldom meet.
      return { DATABASE_URL: url.href, REDIS_URL: `${redis}/${randomInt(8, 16)}` }
    },
    close: () => run(`drop database if exists ${name} with (force)`),
  }
}

export interface Analyst {
  post(path: string, body: object): Promise<void>
  /** Asks again until the text of the answer is right; the last text when it never was. */
  until(path: string, isRight: (text: string) => boolean): Promise<string>
}

/** Signs in by what the command sign-in-link printed. */
export async function signIn(origin: string, printed: string): Promise<Analyst> {
  const [, link] = /#(\S+)/.exec(printed) ?? []
  const headers = { 'content-type': 'application/json', origin }
  const answer = await fetch(`${origin}/api/v1/session`, { method: 'POST', headers, body: JSON.stringify({ link }) })
  if (answer.status !== 200) throw new Error(`Signing in gave ${answer.status}: ${await answer.text()}`)
  const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  return {
    async post(path, body) {
      const options = { method: 'POST', headers: { ...headers, cookie }, body: JSON.stringify(body) }
      const { ok, status } = await fetch(`${origin}/api/v1${path}`, options)
      if (!ok) throw new Error(`POST ${path} gave ${status}.`)
    },
    async until(path, isRight) {
      let text = ''
      for (let tries = 0; tries < 120; tries += 1) {
        text = await (await fetch(`${origin}/api/v1${path}`, { headers: { cookie } })).text()
        if (isRight(text)) return text
        await sleep(500)
      }
      return text
    },
  }
}
