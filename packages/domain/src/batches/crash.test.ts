import { createLedger } from '@dayshift/domain/spending'
import type { Ledger } from '@dayshift/llm'
import { describe, expect, test } from 'vitest'
import { pollBatches } from './poll.ts'
import { claimBatch } from './queries.ts'
import { submitBatch } from './submit.ts'
import { items, useBatches } from './testing/bench.ts'
import { createKiller } from './testing/kill.ts'

const { open, now, feature, startAnew, context, submit, poll, passHours, listBatches, spent } = useBatches()

test('a batch is one process’s until that leaves it, or was silent for ten minutes', async () => {
  const { batchId } = await submit()
  const claim = () => claimBatch(open().db, batchId, open().clock())
  expect(await claim()).toMatchObject({ id: batchId, state: 'submitted' })
  expect(await claim()).toBeUndefined()
  passHours(9 / 60)
  expect(await claim()).toBeUndefined()
  passHours(1 / 60)
  expect(await claim()).toBeDefined()
  await now.fake.work()
  passHours(1)
  await poll()
  passHours(1)
  expect(await claim()).toBeUndefined()
})

test('two processes do not work on one batch', async () => {
  await submit()
  await now.fake.work()
  const results = await Promise.all([poll(), poll(), poll()])
  expect(results.reduce((sum, { finished }) => sum + finished, 0)).toBe(1)
  expect([...now.kept.values()].map((answers) => answers.length)).toEqual([1, 1, 1])
})

test('a process that was so slow that another took its batch uses no answer again', async () => {
  await submit()
  await now.fake.work()
  const ledger = createLedger(open().db)
  const woken = Promise.withResolvers<void>()
  const asleep = Promise.withResolvers<void>()
  const slow: Ledger = {
    ...ledger,
    async settle(...call) {
      asleep.resolve()
      await woken.promise
      return ledger.settle(...call)
    },
  }
  const first = pollBatches({ ...context(), ledger: slow }, [feature])
  await asleep.promise
  passHours(0.2)
  expect(await poll()).toEqual({ finished: 1, waiting: 0 })
  woken.resolve()
  await first
  expect([...now.kept.values()].map((answers) => answers.length)).toEqual([1, 1, 1])
  expect(await spent()).toMatchObject({ calls: 3, open: 0, ok: 3, usd: expect.closeTo(now.fake.billUsd(), 12) })
})

describe('a process that is killed', () => {
  /** Submits, lets the vendor work and polls, dying at one step; then others go on. True when it was killed. */
  async function dieAt(step: number): Promise<boolean> {
    const killer = createKiller(step)
    const ledger: Ledger = killer.watch<Ledger>(createLedger(open().db))
    const doomed = { ...open(), batches: killer.watch(now.models), ledger }
    const killed = await killer.run(async () => {
      await submitBatch(doomed, { feature: 'test.feature', items: items(3) })
      await now.fake.work()
      await pollBatches(doomed, [feature])
    })
    return killed === 'killed'
  }

  test('at any step loses nothing and doubles nothing', { timeout: 60_000 }, async () => {
    let step = 0
    for (; await dieAt(step); step += 1) {
      const entered = (await listBatches()).length > 0
      // Whoever asked is dead too when nothing was entered yet, and asks again.
      if (!entered) await submit()
      now.fake.forgetTokens()
      // The lease of the dead process runs out.
      for (let polls = 0; polls < 4; polls += 1) {
        passHours(0.2)
        await poll()
        await now.fake.work()
      }
      expect({
        step,
        jobs: now.fake.jobs.length,
        answers: [...now.kept.values()].map((answers) => answers.length),
        spent: await spent(),
        states: (await listBatches()).map(({ state }) => state),
        retried: now.retried,
      }).toEqual({
        step,
        jobs: 1,
        answers: [1, 1, 1],
        spent: { calls: expect.any(Number), open: 0, unsure: 0, ok: 3, usd: expect.closeTo(now.fake.billUsd(), 12) },
        states: ['done'],
        retried: [],
      })
      await startAnew()
    }
    // prepare, 3 × reserve, submit, poll, collect with 3 records, 3 × settle and findTotals: two steps each or so.
    expect(step).toBeGreaterThan(20)
  })
})
