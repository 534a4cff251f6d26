import type { Backend } from './backend.ts'
import type { BackendSession } from './backend-session.ts'
import type { Batch } from './batch.ts'
import type { Client, Limits, Task } from './client.ts'
import { ProtocolError } from './protocol.ts'

/**
 * Decides who has the backend. A batch runs to its end; while a transaction is open, or a Sync is still to come, the
 * backend stays with its client and the others wait.
 */
export interface Scheduler {
  submit(client: Client, task: Task): void
  /** Forgets a client that is gone, rolling back what it left open. */
  release(client: Client): void
  /** Runs `work` while no transaction is open and nothing else runs. */
  whenIdle(work: () => Promise<void>): Promise<void>
}

const writeChunkBytes = 64 * 1024

function giveUp(client: Client, reason: string) {
  client.end(new ProtocolError('08006', reason))
  client.socket.destroy()
}

export function createScheduler(backend: Backend, session: BackendSession, limits: Limits): Scheduler {
  const queue: { client: Client; task: Task }[] = []
  const idleWork: (() => Promise<void>)[] = []
  /** Clients that do not read fast enough, with the timers that end them. */
  const draining = new Map<Client, NodeJS.Timeout>()
  let owner: Client | undefined
  let isStepDue = false
  let isPaused = false

  /** Passes answers on in chunks while the backend works, and ends a client that reads nothing of a huge one. */
  const createWriter = (client: Client) => {
    const { socket } = client
    let chunks: Buffer[] = []
    let sizeBytes = 0
    const flush = () => {
      if (chunks.length > 0 && socket.writable) socket.write(Buffer.concat(chunks))
      chunks = []
      sizeBytes = 0
      if (socket.writableLength > limits.maxUnreadBytes)
        giveUp(client, `more than ${limits.maxUnreadBytes} bytes of an answer were left unread`)
    }
    const write = (message: Buffer) => {
      chunks.push(message)
      sizeBytes += message.length
      if (sizeBytes >= writeChunkBytes) flush()
    }
    return { write, flush }
  }

  const stopDraining = (client: Client) => {
    clearTimeout(draining.get(client))
    draining.delete(client)
  }

  const waitForReader = (client: Client) => {
    const { socket } = client
    if (!socket.writableNeedDrain || draining.has(client)) return
    draining.set(client, setTimeout(giveUp, limits.drainTimeoutMs, client, 'it did not read its answers in time'))
    socket.once('drain', () => {
      stopDraining(client)
      schedule()
    })
  }

  const runBatch = (client: Client, batch: Batch) => {
    session.restoreStatements(client, batch)
    const writer = createWriter(client)
    const outcome = backend.run(Buffer.concat(batch.messages), (message, type) => {
      if (!(batch.copiesIn && type === 'G')) writer.write(message)
    })
    owner = outcome.status === 'I' ? undefined : client
    session.settle(client, batch, outcome)
    writer.flush()
    waitForReader(client)
  }

  const runTask = (client: Client, task: Task) => {
    if (task.kind === 'end') return client.end()
    if (task.kind === 'copy') return client.inviteCopy()
    const error = owner ? undefined : session.enter(client.session)
    if (error !== undefined) client.end(new ProtocolError('22023', error))
    else if (task.kind === 'start') client.greet(backend.parameters)
    else runBatch(client, task.batch)
  }

  const runIdleWork = async (work: () => Promise<void>) => {
    isPaused = true
    await work()
    isPaused = false
    schedule()
  }

  const step = () => {
    isStepDue = false
    if (isPaused) return
    const work = owner ? undefined : idleWork.shift()
    if (work) return void runIdleWork(work)
    const index = queue.findIndex(({ client }) => (!owner || client === owner) && !draining.has(client))
    const [next] = index < 0 ? [] : queue.splice(index, 1)
    if (!next) return
    const { client, task } = next
    if (!client.closed) runTask(client, task)
    if (task.kind === 'run') client.onBatchDone(task.batch)
    if (queue.length + idleWork.length > 0) schedule()
  }

  // One batch for each turn of the event loop, so that sockets are served in between.
  const schedule = () => {
    if (isStepDue) return
    isStepDue = true
    setImmediate(step)
  }

  return {
    submit(client, task) {
      queue.push({ client, task })
      if (queue.length === 1 && !isStepDue) step()
      else schedule()
    },
    release(client) {
      stopDraining(client)
      for (let at = queue.length - 1; at >= 0; at--) if (queue[at]?.client === client) queue.splice(at, 1)
      session.leave(client, owner === client)
      if (owner === client) owner = undefined
      schedule()
    },
    whenIdle(work) {
      return new Promise((resolve, reject) => {
        idleWork.push(() => work().then(resolve, reject))
        schedule()
      })
    },
  }
}
