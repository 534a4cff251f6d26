import { get } from 'node:http'
import { text } from 'node:stream/consumers'
import type { CallOutcome, Usage } from '@dayshift/llm'
import { createDatabase } from '@dayshift/storage'
import { createLedger } from '../ledger.ts'
import { cut, plannedCall } from './calls.ts'

/** One call as the gateway makes it: entered, sent, settled. */
async function call(ledger: ReturnType<typeof createLedger>, vendorUrl: string): Promise<void> {
  const startedAt = new Date()
  // Due soon, so that the test need not wait for the calls of the dead.
  const planned = plannedCall({ startedAt, dueAt: new Date(startedAt.getTime() + 1000), worstCaseUsd: 0.001 })
  await ledger.reserve(planned)
  let outcome: CallOutcome = cut
  try {
    const usage = JSON.parse(await ask(`${vendorUrl}/${planned.id}`)) as Usage
    const costUsd = (usage.inputTokens + 2 * usage.outputTokens) / 1_000_000
    outcome = { result: 'ok', usage, costUsd, tookMs: 1, firstPieceMs: null }
  } catch {
    // The vendor broke off after it had begun to work: `cut` stays.
  }
  await ledger.settle(planned.id, outcome)
}

const ask = (url: string): Promise<string> =>
  new Promise((resolve, reject) => {
    get(url, (answer) => void text(answer).then(resolve, reject)).on('error', reject)
  })

/** Run as a process: calls the vendor, eight at a time, and tells of each settled call, until it is killed. */
async function main([databaseUrl = '', vendorUrl = '']: string[]): Promise<never> {
  const ledger = createLedger(createDatabase(databaseUrl).db)
  const caller = async (): Promise<never> => {
    for (;;) {
      await call(ledger, vendorUrl)
      process.send?.('settled')
    }
  }
  return Promise.race(Array.from({ length: 8 }, caller))
}

if (import.meta.main) await main(process.argv.slice(2))
