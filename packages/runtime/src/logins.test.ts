import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRedisAdmission } from '@dayshift/llm/redis'
import { defineJob, enqueue, step, watchJobs } from '@dayshift/queue'
import { startQueues } from '@dayshift/queue/bullmq'
import { createRedisStore } from '@dayshift/session'
import { createDatabase, migrate } from '@dayshift/storage'
import { canStartServer, makeTemporaryServer, services, useTestDatabase } from '@dayshift/storage/testing'
import { Redis } from 'ioredis'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { z } from 'zod'
import { openPostgres, openRedis } from './logins.ts'
import { openSettings } from './settings.ts'

const log = pino({ level: 'silent' })
const name = `h1-${randomBytes(6).toString('hex')}`

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dayshift-logins-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** A job that tells when it ran, with the queues of a process that work it. */
function makeJob() {
  const runs: number[] = []
  const run = async (_: object, { n }: { n: number }) => void runs.push(n)
  return {
    runs,
    job: defineJob({ name: 'rotation', queue: name, input: z.object({ n: z.number() }), attempts: 3, run }),
  }
}

test('with REDIS_IAM_CACHE the password of Redis is a token for this user and cache, also for its duplicates', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'example')
  onTestFinished(() => void vi.unstubAllEnvs())
  const environment = {
    REDIS_URL: 'rediss://app@cache:6379',
    REDIS_IAM_CACHE: 'dayshift-main',
    AWS_REGION: 'eu-central-1',
  }
  const redis = await openRedis(await openSettings(environment), log)
  for (const { options } of [redis, redis?.duplicate()].filter((client) => client !== undefined)) {
    expect(options).toMatchObject({ host: 'cache', username: 'app', tls: {}, lazyConnect: true })
    expect(options.password).toMatch(/^dayshift-main\/\?Action=connect&User=app&.*eu-central-1%2Felasticache/)
  }
})

const polling = { timeout: 15_000, interval: 100 }

describe.skipIf(!services.redisUrl || !services.databaseUrl)('a password of Redis that changes', () => {
  const database = useTestDatabase()

  test('is read anew by sessions, limits and queues, which go on without a restart', { timeout: 60_000 }, async () => {
    const admin = new Redis(services.redisUrl ?? '')
    onTestFinished(async () => {
      await admin.acl('DELUSER', name)
      await admin.quit()
    })
    const setPassword = async (password: string) => {
      await admin.acl('SETUSER', name, 'reset', 'on', `>${password}`, '~*', '&*', '+@all')
      await writeFile(join(folder, 'redis'), `${password}\n`)
    }
    await setPassword('old')
    const url = new URL(services.redisUrl ?? '')
    url.username = name
    const settings = await openSettings({ REDIS_URL: url.href, REDIS_PASSWORD_FILE: join(folder, 'redis') })
    const client = await openRedis(settings, log)
    if (!client) throw new Error('REDIS_URL is set')

    const store = createRedisStore({ client, keyPrefix: `${name}:` })
    onTestFinished(() => store.close())
    const degraded: Error[] = []
    const admission = createRedisAdmission({
      client,
      keyPrefix: `${name}:`,
      onDegraded: (error) => degraded.push(error),
    })
    onTestFinished(() => admission.close())
    const { runs, job } = makeJob()
    const { db, url: postgres } = database()
    const queues = await startQueues({
      db,
      postgres,
      connection: { kind: 'redis', client },
      jobs: [job],
      rules: [],
      context: {},
      concurrency: { [name]: 1 },
      log,
      prefix: name,
    })
    onTestFinished(async () => {
      await queues.close()
      const keys = await admin.keys(`${name}*`)
      if (keys.length > 0) await admin.del(...keys)
    })
    await store.put('k', 'v', { ttlMs: 60_000 })
    await enqueue(db, step(job, { n: 1 }))
    await expect.poll(() => runs, polling).toEqual([1])

    await setPassword('new')
    // As a failover does. The connection on which a worker waits is one of them.
    expect(await admin.client('KILL', 'USER', name)).toBeGreaterThanOrEqual(4)
    await expect.poll(() => store.get('k').catch(() => undefined), polling).toBe('v')
    await enqueue(db, step(job, { n: 2 }))
    await expect.poll(() => runs, polling).toEqual([1, 2])
    await expect.poll(async () => connections(admin), polling).toBeGreaterThanOrEqual(4)
  })

  const connections = async (admin: Redis): Promise<number> =>
    String(await admin.client('LIST'))
      .split('\n')
      .filter((line) => line.includes(`user=${name} `)).length
})

describe.skipIf(!services.databaseUrl || !canStartServer)('a password of PostgreSQL that changes', () => {
  test(
    'is read anew by queries, listeners and queues, which go on without a restart',
    { timeout: 60_000 },
    async () => {
      const server = await makeTemporaryServer()
      onTestFinished(() => server.remove())
      const setPassword = async (password: string, verb = 'alter') => {
        await server.run(`${verb} role app login password '${password}'`)
        await writeFile(join(folder, 'postgres'), `${password}\n`)
      }
      await setPassword('old', 'create')
      await server.run('create database app owner app')
      await server.run('create extension vector', 'app')

      const settings = await openSettings({
        DATABASE_URL: server.urlOf('app', '', 'app'),
        DATABASE_PASSWORD_FILE: join(folder, 'postgres'),
      })
      // Each with a password of its own, so that nobody else reads it anew for them.
      const open = () => openPostgres(settings, log)
      const { db, close } = createDatabase(await open())
      onTestFinished(close)
      await migrate(db)
      const events: string[] = []
      const watching = await watchJobs({ postgres: await open() }, ({ type }) => events.push(type))
      onTestFinished(() => watching.close())
      const { runs, job } = makeJob()
      const queues = await startQueues({
        db,
        postgres: await open(),
        connection: { kind: 'postgres', server: await open() },
        jobs: [job],
        rules: [],
        context: {},
        concurrency: { [name]: 1 },
        log,
        prefix: name,
      })
      onTestFinished(() => queues.close())
      await enqueue(db, step(job, { n: 1 }))
      await expect.poll(() => [runs, events.includes('done')], polling).toEqual([[1], true])

      await setPassword('new')
      await server.run(`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'app'`)
      events.length = 0
      // What is told while a listener is away is not told again, so that one job may not be enough.
      const further = async () => {
        await enqueue(db, step(job, { n: 2 }))
        return events.includes('done')
      }
      await expect.poll(further, { timeout: 15_000, interval: 500 }).toBe(true)
      expect(runs).toContain(2)
    },
  )
})
