import { pino, type Logger } from 'pino'

export type Log = Logger

/** JSON lines on standard error, UTC times; what must never be in a log is cut out. */
export function createLog(level: string): Log {
  return pino(
    {
      level,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: ['req.headers.authorization', 'req.headers.cookie', '*.password', '*.token', '*.link'],
    },
    pino.destination(2),
  )
}
