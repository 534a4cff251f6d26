import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { Figure } from '../../result.ts'
import type { Addresses } from './fake-server.ts'
import type { Order } from './measure-process.ts'

/** The fake server in a process of its own, so that it takes no turns of the loop that is measured. */
export async function startFakeServer(): Promise<{ addresses: Addresses; stop(): Promise<void> }> {
  const server = fork(new URL('fake-server.ts', import.meta.url))
  const ended = once(server, 'exit')
  const addresses = await firstMessage<Addresses>(server, ended, 'The fake server')
  return {
    addresses,
    stop: async () => {
      server.disconnect()
      await ended
    },
  }
}

/** Does one measure in a process of its own. */
export async function measureApart(order: Order, nodeOptions: string[]): Promise<Figure[]> {
  const worker = fork(new URL('measure-process.ts', import.meta.url), {
    execArgv: ['--expose-gc', ...nodeOptions],
    // JSON would make null of what is no number, and null is below every limit.
    serialization: 'advanced',
  })
  const ended = once(worker, 'exit')
  worker.send(order)
  const figures = await firstMessage<Figure[]>(worker, ended, `The measure ${order.measure}`)
  await ended
  return figures
}

/** What our own code sent. @throws when the process ends without a word */
async function firstMessage<T>(child: ReturnType<typeof fork>, ended: Promise<unknown[]>, name: string): Promise<T> {
  const early = ended.then(([code]) => {
    throw new Error(`${name} ended with ${String(code)} before it had anything to say.`)
  })
  const [message] = (await Promise.race([once(child, 'message'), early])) as [T]
  return message
}
