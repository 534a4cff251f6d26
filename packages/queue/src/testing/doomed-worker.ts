import { z } from 'zod'
import { after, defineJob, step } from '../job.ts'
import type { QueueConnection } from '../bullmq/index.ts'
import { connectTo, type TestDatabase } from './database.ts'
import { startTestQueues } from './queues.ts'

const input = z.object({ n: z.number() })

/** Two jobs that write down each of their runs, the second after the first; the first takes `holdMs`. */
export function defineCrashJobs(queue: string, query: TestDatabase['query'], holdMs: number) {
  const write = (job: string, n: number) => query('insert into run (job, n) values ($1, $2)', [job, n])
  const first = defineJob({
    name: 'first',
    queue,
    attempts: 3,
    input,
    async run(_: object, { n }) {
      await write('first', n)
      await new Promise((resolve) => setTimeout(resolve, holdMs))
      return n
    },
  })
  const second = defineJob({
    name: 'second',
    queue,
    attempts: 3,
    input,
    run: async (_: object, { n }) => write('second', n),
  })
  return { jobs: [first, second], first, rules: [after(first, (n) => [step(second, { n })])] }
}

/** Run as a process: works the queue named by its arguments until it is killed. */
async function main([queue, url, connection, holdMs]: string[]): Promise<void> {
  const database = connectTo(url!)
  const { jobs, rules } = defineCrashJobs(queue!, database.query, Number(holdMs))
  await startTestQueues({
    database,
    connection: JSON.parse(connection!) as QueueConnection,
    jobs,
    rules,
    prefix: queue!,
  })
  process.send?.('ready')
}

if (import.meta.main) await main(process.argv.slice(2))
