import { createHash, randomInt, timingSafeEqual } from 'node:crypto'
import type { Socket } from 'node:net'
import { addMessage, addRaw, type Batch, createBatch } from './batch.ts'
import {
  createFrameReader,
  cstring,
  encode,
  encodeError,
  int16,
  int32,
  type Message,
  ProtocolError,
  readCString,
  shortMessageBytes,
} from './protocol.ts'
import { createSession, type Session } from './session-state.ts'
import { protocolVersion, readStartup } from './startup.ts'

/** What a client asks the scheduler for. */
export type Task = { kind: 'start' } | { kind: 'copy' } | { kind: 'end' } | { kind: 'run'; batch: Batch }

export interface Client {
  socket: Socket
  session: Session
  closed: boolean
  /** Greets the client after its password; `parameters` are those the server reports. */
  greet(parameters: Map<string, string>): void
  /** Asks for the data of a COPY. The columns are not known yet, and clients read no more than that it has begun. */
  inviteCopy(): void
  /** To be called when a batch has run: the client is read again when its queue has room. */
  onBatchDone(batch: Batch): void
  /** Ends the connection, after what is written and the error. */
  end(error?: ProtocolError): void
}

export interface Limits {
  maxMessageBytes: number
  /** All data of one COPY … FROM STDIN, which is collected before the statement runs. */
  maxCopyBytes: number
  /** A batch without a Sync is run in parts of this size, and a client with as much waiting is not read. */
  maxQueuedBytes: number
  /** A client that leaves more than this of its answers unread is ended. */
  maxUnreadBytes: number
  /** How long a client may be with a full socket before it is ended. */
  drainTimeoutMs: number
  loginTimeoutMs: number
}

export interface ClientOptions {
  id: number
  socket: Socket
  password: string
  limits: Limits
  submit: (client: Client, task: Task) => void
  onClose: (client: Client) => void
  log: (line: string) => void
}

const digest = (text: string) => createHash('sha256').update(text).digest()

/** Speaks the protocol with one client: start-up, password, then cuts its messages into batches for the scheduler. */
export function createClient({ id, socket, password, limits, submit, onClose, log }: ClientOptions): Client {
  const reader = createFrameReader()
  let phase: 'startup' | 'password' | 'ready' | 'copying' | 'ended' = 'startup'
  let batch = createBatch()
  let queuedBytes = 0

  const client: Client = {
    socket,
    session: createSession(`client${id}`, new Map()),
    closed: false,
    greet(parameters) {
      const reports = [...parameters].map(([name, value]) => encode('S', cstring(name), cstring(value)))
      const key = encode('K', int32(id), int32(randomInt(2 ** 31)))
      socket.write(Buffer.concat([encode('R', int32(0)), ...reports, key, encode('Z', Buffer.from('I'))]))
    },
    inviteCopy() {
      socket.write(encode('G', Buffer.alloc(1), int16(0)))
    },
    onBatchDone({ sizeBytes }) {
      queuedBytes -= sizeBytes
      if (socket.isPaused() && queuedBytes < limits.maxQueuedBytes) socket.resume()
    },
    end(error) {
      if (phase === 'ended') return
      phase = 'ended'
      if (error) {
        log(`a database client was ended: ${error.message}`)
        socket.write(encodeError(error.code, error.message))
      }
      socket.destroySoon()
    },
  }

  const login = setTimeout(
    () => client.end(new ProtocolError('08006', 'no password came in time')),
    limits.loginTimeoutMs,
  )

  const submitBatch = () => {
    if (batch.messages.length === 0) return
    queuedBytes += batch.sizeBytes
    submit(client, { kind: 'run', batch })
    batch = createBatch()
    if (queuedBytes >= limits.maxQueuedBytes) socket.pause()
  }

  const onStartup = (packet: Buffer) => {
    const startup = readStartup(packet)
    if (startup.kind === 'encryption') socket.write('N')
    // A running statement cannot be interrupted: it holds the very thread that reads this.
    else if (startup.kind === 'cancel') client.end()
    else {
      const { settings, unsupported } = startup
      if (unsupported) {
        socket.write(encode('v', int32(protocolVersion), int32(unsupported.length), ...unsupported.map(cstring)))
      }
      client.session = createSession(client.session.prefix, settings)
      phase = 'password'
      socket.write(encode('R', int32(3)))
    }
  }

  const onPassword = ({ type, bytes }: Message) => {
    if (type !== 'p') throw new ProtocolError('08P01', 'expected a password message')
    if (!timingSafeEqual(digest(readCString(bytes, 5)[0]), digest(password))) {
      throw new ProtocolError('28P01', 'password authentication failed for user "postgres"')
    }
    clearTimeout(login)
    phase = 'ready'
    submit(client, { kind: 'start' })
  }

  const onCopyMessage = ({ type, bytes }: Message) => {
    if (type === 'H' || type === 'S') return
    if (!'dcf'.includes(type)) throw new ProtocolError('08P01', `unexpected message type ${type} during COPY`)
    addRaw(batch, bytes)
    if (batch.sizeBytes > limits.maxCopyBytes) {
      throw new ProtocolError('54000', `COPY data is larger than the limit of ${limits.maxCopyBytes} bytes`)
    }
    if (type === 'd') return
    phase = 'ready'
    submitBatch()
  }

  const onMessage = (message: Message) => {
    const { type } = message
    if (type === 'X') return submit(client, { kind: 'end' })
    if (type === 'p') throw new ProtocolError('08P01', 'unexpected password message')
    addMessage(batch, client.session, message)
    if (batch.copiesIn) {
      phase = 'copying'
      submit(client, { kind: 'copy' })
    } else if ('QSHF'.includes(type) || batch.sizeBytes >= limits.maxQueuedBytes) submitBatch()
  }

  /** Handles one message; false when there is no whole one. */
  const read = (): boolean => {
    if (phase === 'ended') return false
    if (phase === 'startup') {
      const packet = reader.nextStartup()
      if (packet) onStartup(packet)
      return packet !== undefined
    }
    const message = reader.next(phase === 'password' ? shortMessageBytes : limits.maxMessageBytes)
    if (!message) return false
    if (phase === 'password') onPassword(message)
    else if (phase === 'copying') onCopyMessage(message)
    else onMessage(message)
    return true
  }

  socket.setNoDelay(true)
  socket.on('data', (chunk) => {
    reader.push(chunk)
    try {
      while (read());
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      client.end(error)
    }
  })
  // A broken connection is an ordinary end; 'close' follows.
  socket.on('error', () => {})
  socket.on('close', () => {
    clearTimeout(login)
    client.closed = true
    onClose(client)
  })
  return client
}
