import type { Log } from '@dayshift/domain/context'

/** A password that is read anew when a server refuses it: managed passwords rotate. */
export interface RotatingPassword {
  current(): string
  /** Reads it anew because `refused` was refused; all who ask at once share one reading. Never throws. */
  renew(refused: string): Promise<void>
}

export interface RotatingPasswordOptions {
  /** For the log: the name of its variable. */
  name: string
  first: string
  read: () => Promise<string>
  log: Pick<Log, 'info' | 'warn'>
  /** Milliseconds that only grow. */
  now?: () => number
}

/** Between two readings: a password that is simply wrong is refused at every connect. */
const LEAST_MS = 5_000

export function createRotatingPassword(options: RotatingPasswordOptions): RotatingPassword {
  const { name, read, log, now = () => performance.now() } = options
  let current = options.first
  let reading: Promise<void> | undefined
  let readAt = -Infinity

  async function readAnew(): Promise<void> {
    const before = current
    try {
      current = await read()
      if (current === before) log.warn({}, `${name} was refused; read anew it is the same`)
      else log.info({}, `${name} was refused and read anew`)
    } catch (error) {
      log.warn({ err: error }, `${name} was refused and cannot be read anew`)
    }
    readAt = now()
    reading = undefined
  }

  return {
    current: () => current,
    async renew(refused) {
      // Another one is here already.
      if (current !== refused) return
      if (!reading && now() - readAt < LEAST_MS) return
      await (reading ??= readAnew())
    },
  }
}
