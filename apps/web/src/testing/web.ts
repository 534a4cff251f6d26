import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Account, createApiToken, ensureAdministrator } from '@dayshift/domain/accounts'
import type { Context } from '@dayshift/domain/context'
import { createLocalLlm } from '@dayshift/llm'
import { createOutbound } from '@dayshift/outbound'
import type { JobEvent } from '@dayshift/queue'
import { createLimiter, createMemoryStore, createSessions } from '@dayshift/session'
import { createSandbox } from '@dayshift/sandbox'
import { createFolderObjects } from '@dayshift/storage/objects'
import { openTestDatabase } from '@dayshift/storage/testing'
import type { FastifyInstance, InjectOptions, LightMyRequestResponse, RouteOptions } from 'fastify'
import { afterAll, beforeAll } from 'vitest'
import { SessionData, type WebParts } from '../parts.ts'
import { cookieName } from '../plugins/auth.ts'
import { createServer, type Web } from '../server.ts'
import { collectingLog, type LogEntry } from './collecting-log.ts'

type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'
type Options = Pick<InjectOptions, 'payload' | 'headers' | 'remoteAddress'>

export interface TestRoute {
  method: Method
  /** With its parameters, such as `/api/v1/articles/:articleId`. */
  url: string
  options: RouteOptions
}

/** Sends a request as somebody. */
export type Ask = (method: Method, url: string, options?: Options) => Promise<LightMyRequestResponse>

/** A running web service on real parts, and the people who use it. */
export interface TestWeb {
  server: Web
  /** Every route that was registered. */
  routes: TestRoute[]
  parts: WebParts
  context: Context
  account: Account
  nobody: Ask
  /** With the cookie of a session. */
  person: Ask
  /** With an API token that may only read. */
  reader: Ask
  /** With an API token that may write. */
  writer: Ask
  /** As somebody with this session. */
  withSession(token: string): Ask
  /** A new session, as after signing in; the token is the cookie's value. */
  openSession(): Promise<string>
  /** The headers of a signed-in person, for real connections. */
  personHeaders: { cookie: string }
  /** Tells every listener of job events. */
  tell(event: JobEvent): void
  /** How many listen to job events. */
  listening(): number
  /** Moves the clock of sessions, limits and links. */
  pass(ms: number): void
  log: LogEntry[]
  close(): Promise<void>
}

/** Starts the web service with an embedded database, sessions in memory and objects in a temporary folder. */
export async function startTestWeb(changes: Partial<WebParts> = {}): Promise<TestWeb> {
  const database = await openTestDatabase()
  const folder = await mkdtemp(join(tmpdir(), 'dayshift-web-'))
  let skewMs = 0
  const clock = (): Date => new Date(Date.now() + skewMs)
  const objects = await createFolderObjects({
    folder,
    signingSecret: 'a secret of thirty-two characters',
    publicUrl: 'http://localhost/objects',
    now: () => clock().getTime(),
  })
  const { log, entries } = collectingLog()
  const outbound = createOutbound()
  const sandbox = createSandbox()
  const context: Context = { db: database.db, objects, llm: createLocalLlm(), outbound, sandbox, log, clock }
  const store = createMemoryStore({ clock })
  const listeners = new Set<(event: JobEvent) => void>()
  const parts: WebParts = {
    context,
    sessions: createSessions({ store, schema: SessionData, clock }),
    signInLimiter: createLimiter({ store, name: 'sign-in', limit: 60, windowMs: 60_000, clock }),
    requestLimiter: createLimiter({ store, name: 'requests', limit: 5_000, windowMs: 60_000, clock }),
    watchJobs(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    trustProxyHops: 0,
    signedObjects: objects,
    ...changes,
  }
  const { server, routes } = await withRoutes(() => createServer(parts, log))
  await server.ready()

  const account = await ensureAdministrator(context.db)
  const openSession = async (): Promise<string> => {
    const data = { accountId: account.id, signedInBy: 'link', userAgent: 'test' } as const
    return (await parts.sessions.create({ userId: account.id, data })).token
  }
  const askWith =
    (own: Record<string, string>): Ask =>
    (method, url, { headers, ...options } = {}) =>
      server.inject({ method, url, ...options, headers: { ...own, ...headers } })
  const withSession = (token: string): Ask => askWith({ cookie: `${cookieName(parts)}=${token}` })
  const withToken = async (scope: 'read' | 'write'): Promise<Ask> => {
    const { token } = await createApiToken(context, account.id, { name: scope, scope })
    return askWith({ authorization: `Bearer ${token}` })
  }
  const token = await openSession()
  return {
    server,
    routes,
    parts,
    context,
    account,
    nobody: askWith({}),
    person: withSession(token),
    reader: await withToken('read'),
    writer: await withToken('write'),
    withSession,
    openSession,
    personHeaders: { cookie: `${cookieName(parts)}=${token}` },
    tell: (event) => {
      for (const listener of listeners) listener(event)
    },
    listening: () => listeners.size,
    pass: (ms) => void (skewMs += ms),
    log: entries,
    async close() {
      await server.close()
      await Promise.all([outbound.close(), sandbox.close()])
      await database.close()
      await rm(folder, { recursive: true })
    },
  }
}

/** Fastify tells of each server that is made: so its routes can be listed without a door for tests in the server. */
async function withRoutes(create: () => Promise<Web>): Promise<{ server: Web; routes: TestRoute[] }> {
  const routes: TestRoute[] = []
  const onMade = (message: unknown): void => {
    const { fastify } = message as { fastify: FastifyInstance }
    fastify.addHook('onRoute', (options) => {
      // `options` is kept whole: later hooks put more into it.
      for (const method of [options.method].flat()) routes.push({ method: method as Method, url: options.url, options })
    })
  }
  subscribe('fastify.initialization', onMade)
  try {
    return { server: await create(), routes }
  } finally {
    unsubscribe('fastify.initialization', onMade)
  }
}

/** A web service for the whole test file; the returned function gives it, from inside tests and hooks. */
export function useTestWeb(changes?: Partial<WebParts>): () => TestWeb {
  let web: TestWeb | undefined
  beforeAll(async () => {
    web = await startTestWeb(changes)
  })
  afterAll(() => web?.close())
  return () => {
    if (!web) throw new Error('The test web is there only inside tests and hooks.')
    return web
  }
}
