import closeWithGrace from 'close-with-grace'

/** What cannot start and why, in words for the person at the terminal: what was wrong, expected, and what to do. */
export class StartError extends Error {
  override name = 'StartError'
}

export type Phase = 'starting' | 'serving' | 'stopping'

/** What ends a part; called last opened first. */
export type Closing = (() => Promise<unknown>)[]

/** Where a process is between its start and its end. */
export interface Life {
  phase(): Phase
  /** Aborted when the stop begins: for what waits, and for what must be told before the parts are closed. */
  readonly stopping: AbortSignal
  /** How long a stop may take. Default 20,000. */
  stopWithin(ms: number): void
  /** Until the end of the time in which the process must have stopped; all of it while it does not stop yet. */
  msLeft(): number
}

const DEFAULT_STOP_MS = 20_000
// A start that is broken off must not open more while its parts are closed; what does not heed that is left behind.
const BROKEN_START_MS = 2_000

/**
 * Runs a process: starts its parts, and on SIGTERM, SIGINT or an unexpected error closes them, last opened first. The listeners
 * stand before anything is loaded: as process 1 of a container Node would not even hear a signal without one.
 * Exit status: 0 after a signal, also while it still starts; 1 when it cannot start (one line on standard error), after an
 * unexpected error, on a second signal (at once), or when not all was closed in time (it says so).
 */
export async function runMain(start: (closing: Closing, life: Life) => Promise<void>): Promise<void> {
  const closing: Closing = []
  const stop = new AbortController()
  let started = false
  let stopMs = DEFAULT_STOP_MS
  let endAt: number | undefined
  const life: Life = {
    phase: () => (stop.signal.aborted ? 'stopping' : started ? 'serving' : 'starting'),
    stopping: stop.signal,
    stopWithin: (ms) => void (stopMs = ms),
    msLeft: () => (endAt === undefined ? stopMs : Math.max(0, endAt - performance.now())),
  }
  const closeAll = async (): Promise<void> => {
    for (let close = closing.pop(); close; close = closing.pop()) {
      // A part whose server is gone may not close; the others shall.
      await close().catch((error: unknown) => write(`a part did not close: ${reasonOf(error)}`))
    }
  }
  const stopAll = async (): Promise<void> => {
    endAt = performance.now() + stopMs
    stop.abort()
    await closeAll()
    if (started) return
    await Promise.race([starting.catch(() => {}), after(Math.min(BROKEN_START_MS, life.msLeft()))])
    await closeAll()
  }
  // The end of the event loop is no signal: a command that is done keeps its own exit status.
  closeWithGrace({ delay: false, logger: false, skip: ['beforeExit'] }, async ({ err }) => {
    if (err) process.stderr.write(`${explain(err)}\n`)
    const late = after(stopMs).then(() => true)
    if (await Promise.race([stopAll().then(() => false), late])) {
      write(`not all parts closed within ${stopMs / 1000} s; what was in hand is taken up again by the next start`)
      process.exit(1)
    }
  })
  const starting = start(closing, life)
  try {
    await starting
    started = true
  } catch (error) {
    if (stop.signal.aborted) return
    process.stderr.write(`${explain(error)}\n`)
    await Promise.race([closeAll(), after(stopMs)])
    process.exit(1)
  }
}

const write = (line: string): void => void process.stderr.write(`dayshift: ${line}\n`)

const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** By name, so that a signal need not wait until the packages that throw them are loaded. */
const mendable = new Set([
  'ConfigError',
  'StartError',
  'MigrationError',
  'ProvisionError',
  'FolderLocked',
  'FolderVersionMismatch',
])

/** One line for what a person can mend; the whole story for what only we can. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return `dayshift: ${String(error)}`
  if (mendable.has(error.name)) {
    return error.message
      .split('\n')
      .map((line) => `dayshift: ${line}`)
      .join('\n')
  }
  const code = 'code' in error ? error.code : undefined
  const where = 'port' in error ? ` ${'address' in error ? `${String(error.address)}:` : ''}${String(error.port)}` : ''
  if (code === 'EADDRINUSE')
    return `dayshift: the port${where} is in use. Stop what uses it, or set PORT to another one.`
  if (code === 'EACCES')
    return `dayshift: no permission: ${error.message}. Choose a port above 1023, or a folder that you own.`
  if (code === 'ECONNREFUSED')
    return `dayshift: nothing answers at${where}. Start the service, or mend DATABASE_URL or REDIS_URL.`
  return `dayshift: ${error.stack ?? error.message}`
}
