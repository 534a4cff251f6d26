import type { PGlite } from '@electric-sql/pglite'
import { createFrameReader, cstring, encodeQuery, int32, readCString, readErrorField, readRow } from './protocol.ts'
import { protocolVersion } from './startup.ts'

/** What a run of messages did, counted while its answer went by. */
export interface Outcome {
  /** Of the last ReadyForQuery: idle, in a transaction, in a failed one. None when no Sync was among the messages. */
  status?: 'I' | 'T' | 'E'
  failed: boolean
  /** The tag of the last CommandComplete, for example `INSERT 0 1`. */
  tag?: string
  /** How many Parse and Close messages succeeded. */
  parses: number
  closes: number
}

interface Notification {
  channel: string
  message: Buffer
}

/** The one PostgreSQL session there is. Everything here is synchronous: nothing else runs meanwhile. */
export interface Backend {
  /** The parameters that the server reports to a client, as they are now. */
  parameters: Map<string, string>
  /** Runs whole messages and hands every answer but notifications to `forward`, in buffers it may keep. */
  run(bytes: Uint8Array, forward: (message: Buffer, type: string) => void): Outcome
  /** Runs `sql` for the gateway itself; the rows in text format, or the server's error message. */
  query(sql: string): { rows: (string | null)[][]; error?: string }
  /** The notifications that came since the last call. */
  takeNotifications(): Notification[]
}

const startup = () => {
  const body = Buffer.concat([int32(protocolVersion), ...['user', 'postgres', 'database', 'postgres', ''].map(cstring)])
  return Buffer.concat([int32(body.length + 4), body])
}

/** `onCrash` is called when the wasm module itself fails; nothing can be run after that. */
export function createBackend(db: PGlite, onCrash: (error: unknown) => void): Backend {
  const parameters = new Map<string, string>()
  let notifications: Notification[] = []

  const run: Backend['run'] = (bytes, forward) => {
    const outcome: Outcome = { failed: false, parses: 0, closes: 0 }
    const reader = createFrameReader()
    const onRawData = (data: Uint8Array) => {
      // The view is into wasm memory, which changes under us.
      reader.push(Buffer.from(data))
      for (let message = reader.next(); message; message = reader.next()) {
        const { type, bytes } = message
        if (type === 'A') notifications.push({ channel: readCString(bytes, 9)[0], message: bytes })
        else {
          if (type === 'Z') outcome.status = String.fromCharCode(bytes[5] ?? 0) as 'I' | 'T' | 'E'
          else if (type === 'E') outcome.failed = true
          else if (type === 'C') outcome.tag = readCString(bytes, 5)[0]
          else if (type === '1') outcome.parses++
          else if (type === '3') outcome.closes++
          else if (type === 'S') {
            const [name, next] = readCString(bytes, 5)
            parameters.set(name, readCString(bytes, next)[0])
          }
          forward(bytes, type)
        }
      }
    }
    // Runs to its end before the promise is returned: PGlite only waits when it has to sync a file system.
    db.execProtocolRawStream(bytes, { syncToFs: false, onRawData }).catch(onCrash)
    return outcome
  }

  const query: Backend['query'] = (sql) => {
    const rows: (string | null)[][] = []
    let error: string | undefined
    run(encodeQuery(sql), (message, type) => {
      if (type === 'D') rows.push(readRow(message))
      else if (type === 'E') error = readErrorField(message, 'M') ?? 'unknown error'
    })
    return error === undefined ? { rows } : { rows, error }
  }

  // Without it the server reports no changes of parameters.
  run(startup(), () => {})
  return {
    parameters,
    run,
    query,
    takeNotifications: () => notifications.splice(0),
  }
}
