import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
} from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { lockFolder } from './lock.ts'
import { findPrepared, preparedFolder } from './prepared.ts'
import type { ThreadData, ThreadReport, ThreadRequest } from './thread.ts'

export { FolderLocked } from './lock.ts'

/** The folder holds something else than a database of this PostgreSQL version; it is left as it is. */
export class FolderVersionMismatch extends Error {
  override name = 'FolderVersionMismatch'
}

export interface EmbeddedDatabaseOptions {
  /** Where the data lives; `memory` for a database that ends with the process. */
  folder: string
  /** TCP port on 127.0.0.1; 0 takes any free one. */
  port?: number
  /** Of the user `postgres`; a random one by default. */
  password?: string
  log?: (line: string) => void
  /** A dump, as `dump()` makes it, to begin an empty database with; by default the folder that was prepared. */
  loadDataDir?: string
}

export interface EmbeddedDatabase {
  url: string
  /** Ends every client, writes everything down and gives the folder back. */
  close: () => Promise<void>
  /** A tar archive of the whole database, taken while no transaction is open. */
  dump: () => Promise<Uint8Array>
}

/** The major version of PostgreSQL that PGlite is built from. */
const postgresVersion = '18'

/**
 * Opens a PostgreSQL of our own, PGlite with pgvector, in a thread of this process, for clients that know its `url`.
 * Throws FolderLocked when another process has the folder, FolderVersionMismatch when another PostgreSQL wrote it.
 */
export async function openEmbeddedDatabase(options: EmbeddedDatabaseOptions): Promise<EmbeddedDatabase> {
  const { folder, port = 0, password = randomBytes(18).toString('base64url'), log = () => {}, loadDataDir } = options
  const serve = { port, password }
  const dump = loadDataDir !== undefined && { loadDataDir }
  if (folder === 'memory') return openThread({ dataDir: 'memory://', serve, ...dump }, log, () => {})

  mkdirSync(folder, { recursive: true })
  const dataDir = realpathSync(folder)
  const unlock = lockFolder(dataDir)
  try {
    if (existsSync(join(dataDir, 'PG_VERSION'))) checkVersion(dataDir)
    else if (readdirSync(dataDir).length === 0) await makeFolder({ dataDir, ...dump }, log)
    else
      throw new FolderVersionMismatch(
        `The data folder ${dataDir} holds other files than a database; choose an empty or a new one.`,
      )
    return await openThread({ dataDir, serve }, log, unlock)
  } catch (error) {
    unlock()
    throw error
  }
}

/** Makes the empty database that first starts begin with, unless it is there. For the installation. */
export async function prepareEmbeddedDatabase(): Promise<void> {
  if (findPrepared() !== undefined) return
  const dataDir = preparedFolder()
  mkdirSync(dataDir, { recursive: true })
  await makeFolder({ dataDir }, () => {})
}

function checkVersion(dataDir: string) {
  const version = readFileSync(join(dataDir, 'PG_VERSION'), 'utf8').trim()
  if (version === postgresVersion) return
  throw new FolderVersionMismatch(
    `The data folder ${dataDir} was written by PostgreSQL ${version}, and this program reads version ${postgresVersion}; ` +
      'start the version of this program that wrote it, or choose another folder.',
  )
}

/**
 * Makes a new database beside its place and moves it there when it is whole: a kill in between leaves nothing half-made.
 * The thread is one of its own, because what the making takes of memory is given back only at a thread's end.
 */
async function makeFolder(data: ThreadData, log: (line: string) => void) {
  const making = `${data.dataDir}.new`
  rmSync(making, { recursive: true, force: true })
  const prepared = data.loadDataDir === undefined ? findPrepared() : undefined
  if (prepared === undefined) {
    const thread = startThread({ ...data, dataDir: making }, log)
    await once(thread, 'exit')
  } else cpSync(prepared, making, { recursive: true })
  rmdirSync(data.dataDir)
  renameSync(making, data.dataDir)
}

function startThread(workerData: ThreadData, log: (line: string) => void): Worker {
  const thread = new Worker(new URL('./thread.ts', import.meta.url), { workerData, execArgv: [], env: {} })
  thread.on('message', (report: ThreadReport) => {
    if (report.kind === 'log') log(report.line)
  })
  return thread
}

/** The first report of `kind`; rejects when the thread fails or ends before it. */
function waitFor<Kind extends ThreadReport['kind']>(thread: Worker, kind: Kind) {
  type Report = Extract<ThreadReport, { kind: Kind }>
  return new Promise<Report>((resolve, reject) => {
    thread.on('message', (report: ThreadReport) => {
      if (report.kind === kind) resolve(report as Report)
    })
    thread.once('error', reject)
    thread.once('exit', () => reject(new Error('The embedded database ended too early.')))
  })
}

async function openThread(
  data: ThreadData,
  log: (line: string) => void,
  onExit: () => void,
): Promise<EmbeddedDatabase> {
  const thread = startThread(data, log)
  const send = (request: ThreadRequest) => thread.postMessage(request, [])
  const { port } = await waitFor(thread, 'ready')
  // Rejects when the thread fails, which nobody handles on purpose: a program cannot go on without its database.
  const exited = once(thread, 'exit').finally(onExit)
  return {
    url: `postgres://postgres:${encodeURIComponent(data.serve?.password ?? '')}@127.0.0.1:${port}/postgres`,
    async close() {
      send({ kind: 'close' })
      await exited
    },
    async dump() {
      const dump = waitFor(thread, 'dump')
      send({ kind: 'dump' })
      return (await dump).bytes
    },
  }
}
