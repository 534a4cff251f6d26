import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Context } from '@dayshift/domain/context'
import { addSource, poll } from '@dayshift/domain/sources'
import { type FeedServer, rss, serveFeeds, useTestContext } from '@dayshift/domain/testing'
import { enqueue, listJobs, step } from '@dayshift/queue'
import { openTestDatabase } from '@dayshift/queue/testing/database'
import { forgetKeys } from '@dayshift/queue/testing/forget-keys'
import { silentProxy } from '@dayshift/queue/testing/silent-proxy'
import { startProcess, type TestProcess } from '@dayshift/runtime/testing'
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest'

const services = inject('services')
const main = fileURLToPath(new URL('main.ts', import.meta.url))
const SLOW = 60_000
const feed = rss([
  {
    title: 'Quiet loader',
    link: 'https://reports.example.org/1',
    guid: 'r1',
    content: 'The loader asks its server for orders. '.repeat(80),
  },
])

interface Stage {
  db: Context['db']
  env: Record<string, string>
  /** Adds a source and asks for its check, as by hand. */
  check(path: string): Promise<void>
}

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const closedNow = `${days[(new Date().getUTCDay() + 3) % 7]} 08:00-18:00 UTC`

let feeds: FeedServer
beforeAll(async () => {
  feeds = await serveFeeds()
})
const context = useTestContext(() => ({ allowOrigins: [feeds.origin] }))
afterAll(() => feeds.close())

let stages = 0

async function setStage(): Promise<Stage> {
  const database = await openTestDatabase()
  onTestFinished(database.close)
  // Migrated, whatever the queue knows of its tables.
  const db = database.db as unknown as Context['db']
  const prefix = `stop-worker-${process.pid}-${(stages += 1)}`
  onTestFinished(() => forgetKeys(services.redisUrl ?? '', prefix))
  const env = {
    DATABASE_URL: database.url,
    REDIS_URL: services.redisUrl ?? '',
    REDIS_KEY_PREFIX: prefix,
    SIGNING_SECRET: 'a secret of thirty-two characters',
    WORKER_HEALTH_PORT: '0',
    ALLOW_ORIGINS: feeds.origin,
    // Sources are checked by hand only.
    OPENING_HOURS: closedNow,
  }
  const check = async (path: string): Promise<void> => {
    const { id } = await addSource({ ...context(), db }, { url: `${feeds.origin}${path}` })
    await enqueue(db, step(poll, { sourceId: id }))
  }
  return { db, env, check }
}

async function startWorker(env: Record<string, string>): Promise<TestProcess> {
  const worker = startProcess(main, env)
  await worker.says(/the worker is ready/)
  return worker
}

const countArticles = async ({ db }: Stage): Promise<number> =>
  (await db.selectFrom('article').select('id').execute()).length

const pollOf = async ({ db }: Stage) =>
  (await listJobs(db, { job: 'source.poll', limit: 5 })).map(({ state, attempts }) => [state, attempts])

const isAway = !services.databaseUrl || !services.redisUrl

describe.skipIf(isAway)('a worker process that is told to stop', () => {
  test('finishes what is in hand when that ends in time, and ends with status 0', { timeout: SLOW }, async () => {
    const stage = await setStage()
    feeds.set('/slow', { body: feed, delayMs: 1_500 })
    const worker = await startWorker(stage.env)
    await stage.check('/slow')
    await expect.poll(() => feeds.count('/slow'), { timeout: 10_000 }).toBe(1)
    const { status, tookMs } = await worker.stop()
    expect(status).toBe(0)
    expect(tookMs).toBeLessThan(6_000)
    expect(await pollOf(stage)).toEqual([['done', 1]])
  })

  test('hands back what takes longer, and the next process does it, once', { timeout: SLOW }, async () => {
    const stage = await setStage()
    const { promise: never } = Promise.withResolvers<void>()
    feeds.set('/feed', { body: feed, released: never })
    const worker = await startWorker({ ...stage.env, STOP_WITHIN_S: '4' })
    await stage.check('/feed')
    await expect.poll(() => feeds.count('/feed'), { timeout: 10_000 }).toBe(1)
    const { status, tookMs } = await worker.stop()
    expect(status).toBe(0)
    // Of 4 s the jobs get what is left when thrice a fifth is kept back: 1.6 s.
    expect(tookMs).toBeGreaterThan(1_500)
    expect(tookMs).toBeLessThan(4_000)
    expect(await pollOf(stage)).toEqual([['waiting', 0]])

    feeds.set('/feed', { body: feed })
    const next = await startWorker(stage.env)
    await expect.poll(() => countArticles(stage), { timeout: 20_000 }).toBe(1)
    await expect.poll(() => pollOf(stage), { timeout: 10_000 }).toEqual([['done', 1]])
    expect(feeds.count('/feed')).toBe(2)
    expect(await stage.db.selectFrom('source_item').select('outcome').execute()).toEqual([{ outcome: 'article' }])
    expect((await next.stop()).status).toBe(0)
  })

  test.each(['DATABASE_URL', 'REDIS_URL'] as const)(
    'is out within its time while the server of %s hangs',
    { timeout: SLOW },
    async (name) => {
      const stage = await setStage()
      const proxy = await silentProxy(new URL(stage.env[name] ?? ''))
      onTestFinished(proxy.close)
      const worker = await startWorker({ ...stage.env, [name]: proxy.url, STOP_WITHIN_S: '5' })
      proxy.silence()
      await sleep(500)
      const { status, output, tookMs } = await worker.stop()
      expect(tookMs).toBeLessThan(5_500)
      const words = {
        0: 'the queues were closed without an answer of their server',
        1: 'dayshift: not all parts closed within 5 s',
      }
      expect(output).toContain(words[status === 0 ? 0 : 1])
    },
  )
})

describe.skipIf(isAway)('a worker process', () => {
  test('says whether it lives, has started and is ready', { timeout: SLOW }, async () => {
    const { env } = await setStage()
    const worker = startProcess(main, env)
    const [, port] = await worker.says(/"healthPort":(\d+)/)
    const ask = async (path: string): Promise<number> => (await fetch(`http://127.0.0.1:${port}${path}`)).status
    await expect.poll(() => ask('/health'), { interval: 20 }).toBe(200)
    expect([await ask('/live'), await ask('/ready'), await ask('/x')]).toEqual([200, 200, 404])
    expect((await worker.stop()).status).toBe(0)
  })

  test(
    'checks no source by itself outside the hours and says so, and checks one by hand',
    { timeout: SLOW },
    async () => {
      const stage = await setStage()
      feeds.set('/by-hand', feed)
      const worker = await startWorker(stage.env)
      const dueJobs = () => listJobs(stage.db, { job: 'source.poll-due', limit: 5 })
      await expect
        .poll(async () => (await dueJobs())[0]?.error, { timeout: 10_000 })
        .toBe(`outside hours: sources are checked ${closedNow}`)
      expect(await dueJobs()).toMatchObject([{ state: 'waiting', attempts: 0 }])
      await stage.check('/by-hand')
      await expect.poll(() => countArticles(stage), { timeout: 20_000 }).toBe(1)
      expect((await worker.stop()).status).toBe(0)
    },
  )
})
