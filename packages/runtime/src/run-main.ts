import { ConfigError } from '@dayshift/domain/config'
import { MigrationError } from '@dayshift/storage'
import { FolderLocked, FolderVersionMismatch } from '@dayshift/storage/embedded'
import closeWithGrace from 'close-with-grace'

/** What cannot start and why, in words for the person at the terminal: what was wrong, expected, and what to do. */
export class StartError extends Error {
  override name = 'StartError'
}

const STOP_MS = 20_000

/**
 * Runs a process: starts its parts, and on SIGTERM, SIGINT or an unexpected error closes them, last opened first.
 * A start that cannot be is one line on standard error and exit status 1.
 */
export async function runMain(start: (closing: (() => Promise<unknown>)[]) => Promise<void>): Promise<void> {
  const closing: (() => Promise<unknown>)[] = []
  const closeAll = async (): Promise<void> => {
    for (const close of closing.splice(0).toReversed()) await close()
  }
  closeWithGrace({ delay: STOP_MS, logger: false }, async ({ err }) => {
    if (err) process.stderr.write(`${explain(err)}\n`)
    await closeAll()
    if (err) process.exitCode = 1
  })
  try {
    await start(closing)
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`)
    await closeAll().catch(() => {})
    process.exit(1)
  }
}

/** One line for what a person can mend; the whole story for what only we can. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return `dayshift: ${String(error)}`
  const known = [ConfigError, StartError, MigrationError, FolderLocked, FolderVersionMismatch]
  if (known.some((kind) => error instanceof kind)) {
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
