import { expect, test } from 'vitest'
import { z } from 'zod'
import { after, defineJob, step } from '../job.ts'
import { enqueue } from '../outbox.ts'
import { until, useStage } from '../testing/queues.ts'

const stage = useStage('postgres')

test('a job whose purpose is gone is done after one try, and nothing follows', async () => {
  let tries = 0
  const input = z.object({})
  const gone = defineJob({
    name: 'gone',
    queue: stage.queue,
    attempts: 3,
    input,
    isPointless: (error) => error instanceof RangeError,
    run() {
      tries += 1
      return Promise.reject(new RangeError('removed meanwhile'))
    },
  })
  const next = defineJob({ name: 'next', queue: stage.queue, attempts: 1, input, run: () => Promise.resolve() })
  await stage.start([gone, next], { rules: [after(gone, () => [step(next, {})])] })
  await enqueue(stage.database.db, step(gone, {}))
  const rows = (): Promise<{ job: string; state: string }[]> =>
    stage.database.query('select job, state from outbox order by id')
  await until(async () => (await rows()).every(({ state }) => state === 'done'))
  expect(await rows()).toEqual([{ job: 'gone', state: 'done' }])
  expect(tries).toBe(1)
})
