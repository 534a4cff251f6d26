import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { defaultCatalogue } from '@dayshift/llm'
import { priceOfLogged, readInvocationLog } from '@dayshift/llm/bedrock'
import { startFakeBedrock } from '@dayshift/llm/testing'
import { services, useTestDatabase } from '@dayshift/storage/testing'
import { expect, test } from 'vitest'
import { ensureBudgets, listBudgets } from './budgets.ts'
import { expireOverdue, reconcile } from './reconcile.ts'
import { spendingReport } from './report.ts'

const database = useTestDatabase()
const program = fileURLToPath(new URL('testing/soaking-caller.ts', import.meta.url))
/** The embedded database takes ten times as long. */
const CALLS = services.databaseUrl === undefined ? 500 : 5_000
const KILLS = 8
/** Micro-dollars for a million tokens, in-region: aws.amazon.com/bedrock/pricing, 2026-11-21. */
const PRICES = {
  'amazon.nova-lite-v1:0': { input: 60_000, output: 240_000 },
  'amazon.titan-embed-text-v2:0': { input: 20_000, output: 0 },
}

/** Calls in a process of its own until so many calls are over, then kills it whatever it does. Returns how many there were. */
async function callAndDie(url: string, calls: number, seed: number): Promise<number> {
  const child = fork(program, [database().url, url, String(seed)], { execArgv: [] })
  let over = 0
  await new Promise<void>((resolve, reject) => {
    child.on('message', () => ++over >= calls && resolve())
    child.on('exit', () => reject(new Error('The calling process ended by itself.')))
  })
  await sleep(Math.random() * 20)
  child.removeAllListeners('exit').kill('SIGKILL')
  await once(child, 'exit')
  return over
}

test(
  'with a fifth of the calls failing and their process killed at random, the ledger equals the vendor’s bill to the cent',
  { timeout: 180_000 },
  async () => {
    const { db } = database()
    const part = { db, clock: () => new Date() }
    await ensureBudgets(part, { monthlyUsd: 1_000_000 })
    const fake = await startFakeBedrock()
    fake.failRandomly({
      share: 0.2,
      seed: 20261121,
      faults: [
        ...([
          'throttle',
          'internal-error',
          'unavailable',
          'model-timeout',
          'model-error',
          'quota',
          'reset',
          'hang',
        ] as const),
        ...([
          'not-json',
          'wrong-content-type',
          'stream-exception',
          'stream-error-frame',
          'exception-before-text',
        ] as const),
        ...(['cut-stream', 'cut-before-text', 'no-message-stop', 'stall', 'slow-chunks'] as const),
      ],
    })
    let over = 0
    for (let kills = 0; kills < KILLS; kills++) over += await callAndDie(fake.url, Math.ceil(CALLS / KILLS), kills)
    // The dead ones are due by then, and the vendor has noticed that they are gone.
    await sleep(4_000)
    expect(over).toBeGreaterThanOrEqual(CALLS)

    // As AWS delivers it, after unpacking.
    const log = fake.invocationLog.map((record) => JSON.stringify(record)).join('\n')
    const records = readInvocationLog(log)
    expect(records).toHaveLength(fake.invocationLog.length)
    expect(await expireOverdue(db, new Date())).toBeGreaterThan(0)
    const settling = () =>
      reconcile(
        { db },
        {
          records,
          completeUntil: new Date(),
          wasKept: () => true,
          priceOf: priceOfLogged(defaultCatalogue),
          graceMs: 0,
        },
      )
    await Promise.all([settling(), settling()])
    await fake.close()

    const { total } = await spendingReport(db, { from: new Date(0), to: new Date('2100-01-01'), by: 'day' })
    const billUsd = fake.billUsd(PRICES)
    expect(billUsd).toBeGreaterThan(0)
    expect(total).toMatchObject({ unsettled: 0, unpriced: 0 })
    expect(total.costUsd).toBeCloseTo(billUsd, 9)
    const [budget] = await listBudgets(part)
    expect(budget?.spentUsd).toBeCloseTo(billUsd, 9)
    expect(budget?.reservedUsd).toBe(0)
  },
)
