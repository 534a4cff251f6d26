import type { FastifyBaseLogger } from 'fastify'

export interface LogEntry {
  level: string
  /** What was logged, as text: objects as JSON, errors with their message. */
  text: string
}

/** A log that keeps what it is told. */
export function collectingLog(): { log: FastifyBaseLogger; entries: LogEntry[] } {
  const entries: LogEntry[] = []
  const at =
    (level: string) =>
    (...parts: unknown[]): void =>
      void entries.push({ level, text: parts.map(toText).join(' ') })
  const log = {
    level: 'debug',
    child: () => log,
    ...Object.fromEntries(
      ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'].map((level) => [level, at(level)]),
    ),
  } as unknown as FastifyBaseLogger
  return { log, entries }
}

const toText = (part: unknown): string =>
  typeof part === 'string'
    ? part
    : JSON.stringify(part, (_key, value: unknown) =>
        value instanceof Error ? `${value.name}: ${value.message}` : value,
      )
