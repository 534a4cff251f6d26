import { hostname } from 'node:os'
import { pino, type Logger } from 'pino'

export type Log = Logger

/** Which process of which environment speaks, in each of its lines. */
export interface Speaker {
  service: string
  deployment: string
}

/** JSON lines on standard error, UTC times; what must never be in a log is cut out. */
export function createLog(level: string, speaker?: Speaker): Log {
  return pino(
    {
      level,
      base: { pid: process.pid, hostname: hostname(), ...speaker },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: ['req.headers.authorization', 'req.headers.cookie', '*.password', '*.token', '*.link'],
    },
    pino.destination(2),
  )
}
