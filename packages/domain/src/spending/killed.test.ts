import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { useTestDatabase } from '@dayshift/storage/testing'
import { expect, test } from 'vitest'
import { ensureBudgets, listBudgets } from './budgets.ts'
import { expireOverdue, reconcile } from './reconcile.ts'
import { spendingReport } from './report.ts'
import { startVendor } from './testing/vendor.ts'

const database = useTestDatabase()
const program = fileURLToPath(new URL('testing/doomed-caller.ts', import.meta.url))

/** Makes calls in a process of its own, and kills it at a random moment after the tenth. */
async function callAndDie(vendorUrl: string): Promise<void> {
  const child = fork(program, [database().url, vendorUrl], { execArgv: [] })
  for (let settled = 0; settled < 10 + Math.random() * 20; settled += 1) await once(child, 'message')
  await sleep(Math.random() * 30)
  child.kill('SIGKILL')
  await once(child, 'exit')
}

test(
  'after kills at any moment every call stands in the ledger once, and the sum is the vendor’s bill',
  { timeout: 60_000 },
  async () => {
    const { db } = database()
    const part = { db, clock: () => new Date() }
    await ensureBudgets(part, { monthlyUsd: 1000 })
    const vendor = await startVendor()
    for (let kills = 0; kills < 4; kills++) await callAndDie(vendor.url)
    // The dead ones are due by then, and the server has noticed that they are gone.
    await sleep(1500)
    const calls = await db.selectFrom('model_call').select(['id', 'state']).execute()
    const ids = new Set(calls.map(({ id }) => id))
    expect(vendor.records.length).toBeGreaterThanOrEqual(40)
    expect(vendor.records.filter(({ callId }) => !ids.has(callId))).toEqual([])
    expect(new Set(vendor.records.map(({ callId }) => callId)).size).toBe(vendor.records.length)

    expect(await expireOverdue(db, new Date())).toBeGreaterThan(0)
    const settling = () =>
      reconcile(
        { db },
        {
          records: vendor.records,
          completeUntil: new Date(),
          wasKept: () => true,
          priceOf: (_, { inputTokens, outputTokens }) => (inputTokens + 2 * outputTokens) / 1_000_000,
          graceMs: 0,
        },
      )
    await Promise.all([settling(), settling()])
    await vendor.close()

    const { total } = await spendingReport(db, { from: new Date(0), to: new Date('2100-01-01'), by: 'day' })
    expect(total).toMatchObject({ calls: calls.length, unsettled: 0, unpriced: 0 })
    expect(Math.round(total.costUsd * 1_000_000)).toBe(vendor.billMicroUsd())
    const [budget] = await listBudgets(part)
    expect(Math.round((budget?.spentUsd ?? 0) * 1_000_000)).toBe(vendor.billMicroUsd())
    expect(budget?.reservedUsd).toBe(0)
  },
)
