import { runMain } from '../run-main.ts'

const forever = (): Promise<never> => new Promise(() => {})

/** What a process may be like that is told to stop, by the name in its environment. */
const kinds: Record<string, Parameters<typeof runMain>[0]> = {
  orderly: async (closing, life) => {
    for (const part of ['first', 'second']) closing.push(async () => console.log(`${part} closed, ${life.phase()}`))
  },
  'still starting': async (closing) => {
    closing.push(async () => console.log('closed what was open'))
    console.log('starting')
    await forever()
  },
  'start that notices': async (closing, life) => {
    console.log('starting')
    await new Promise((resolve) => life.stopping.addEventListener('abort', resolve))
    closing.push(async () => console.log('closed what was opened late'))
  },
  'start that fails when it is stopped': async (_closing, life) => {
    console.log('starting')
    await new Promise((_, reject) =>
      life.stopping.addEventListener('abort', () => reject(new Error('the pool is closed'))),
    )
  },
  stuck: async (closing, life) => {
    life.stopWithin(500)
    closing.push(async () => console.log('closed the rest'), forever)
  },
  'broken part': async (closing) => {
    closing.push(
      async () => console.log('closed the rest'),
      () => Promise.reject(new Error('the server is gone')),
    )
  },
  slow: async (closing) => {
    closing.push(async () => {
      console.log('closing')
      await forever()
    })
  },
  'broken start': async (closing) => {
    closing.push(async () => console.log('closed what was open'))
    throw Object.assign(new Error('PORT=x: expected a port.'), { name: 'ConfigError' })
  },
  'broken later': async (closing) => {
    closing.push(async () => console.log('closed what was open'))
    setTimeout(() => void Promise.reject(new Error('nobody expected this')), 10)
    await forever()
  },
  command: async () => {
    process.exitCode = 3
  },
}

const kind = process.env['KIND'] ?? ''
// As an open server does; only a command ends by itself.
if (kind !== 'command') setInterval(() => {}, 1000)
await runMain(async (closing, life) => {
  await kinds[kind]?.(closing, life)
  console.log('started')
})
