import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Context } from '@dayshift/domain/context'
import { createLocalLlm } from '@dayshift/llm'
import { createOutbound, type OutboundLimits } from '@dayshift/outbound'
import type { JobTools } from '@dayshift/queue'
import { createSandbox } from '@dayshift/sandbox'
import { createFolderObjects } from '@dayshift/storage/objects'
import { openTestDatabase } from '@dayshift/storage/testing'
import { afterAll, beforeAll } from 'vitest'

export interface TestContext extends Context {
  /** Every address and port that a connection was opened to. */
  dialled: string[]
  /** What the log was told, as `level message`. */
  logged: string[]
  /** The clock stands until a test moves it. */
  setTime: (now: string) => void
  close: () => Promise<void>
}

export interface TestContextOptions {
  /** Private origins that may be fetched from. */
  allowOrigins?: string[]
  limits?: Partial<OutboundLimits>
  /** ISO 8601. */
  now?: string
}

/** A context of real parts: database, objects in a folder, guarded client, sandbox and the local model. */
export async function openTestContext({
  allowOrigins = [],
  limits = {},
  now = '2026-11-20T12:00:00Z',
}: TestContextOptions = {}): Promise<TestContext> {
  const folder = await mkdtemp(join(tmpdir(), 'dayshift-'))
  const database = await openTestDatabase()
  const objects = await createFolderObjects({
    folder,
    signingSecret: 's'.repeat(32),
    publicUrl: 'http://localhost/objects',
  })
  const dialled: string[] = []
  const outbound = createOutbound({
    allowOrigins,
    limits,
    async dial({ addresses: [address], port }) {
      dialled.push(`${address}:${port}`)
      const socket = connect({ host: address ?? '', port })
      await once(socket, 'connect')
      return socket
    },
  })
  const sandbox = createSandbox()
  const logged: string[] = []
  const logAs = (level: string) => (_about: unknown, message?: string) => void logged.push(`${level} ${message}`)
  let time = new Date(now)
  return {
    db: database.db,
    objects,
    llm: createLocalLlm(),
    outbound,
    sandbox,
    log: { debug: logAs('debug'), info: logAs('info'), warn: logAs('warn'), error: logAs('error') },
    clock: () => time,
    dialled,
    logged,
    setTime(now) {
      time = new Date(now)
    },
    async close() {
      await outbound.close()
      await sandbox.close()
      objects.close()
      await database.close()
      await rm(folder, { recursive: true })
    },
  }
}

/** What a job is given beside its input, at its first try. */
export const jobTools: JobTools = { progress: () => undefined, signal: new AbortController().signal, attempt: 1 }

/** A context for the whole file; the returned function gives it, from inside tests and hooks. */
export function useTestContext(options: () => TestContextOptions = () => ({})): () => TestContext {
  let context: TestContext | undefined
  beforeAll(async () => {
    context = await openTestContext(options())
  })
  afterAll(async () => {
    await context?.close()
  })
  return () => {
    if (!context) throw new Error('The context is there only inside tests and hooks.')
    return context
  }
}
