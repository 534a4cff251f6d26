import { useTestContext } from '@dayshift/domain/testing'
import type { BatchModels } from '@dayshift/llm'
import { batchesAgainst, createMemoryObjects, type FakeBatch, startFakeBatch } from '@dayshift/llm/testing'
import { sql } from 'kysely'
import { afterEach, beforeEach } from 'vitest'
import type { BatchAnswer, BatchFeature, NewBatchItem } from '../batch.ts'
import { pollBatches } from '../poll.ts'
import { submitBatch } from '../submit.ts'

export const HOUR_MS = 3_600_000
export const START_MS: number = Date.parse('2026-11-20T12:00:00Z')

interface Now {
  fake: FakeBatch
  models: BatchModels
  /** Answers that were kept, by ref. */
  kept: Map<string, BatchAnswer[]>
  /** Refs that were asked again by the ordinary way. */
  retried: string[]
  /** What keeps the answer to a ref from being used. */
  trouble: ((ref: string) => Error | undefined) | undefined
}

/** Batches of one feature against the fake vendor; `now` is new for each test and filled only inside tests. */
export function useBatches() {
  const open = useTestContext()
  const now = {} as Now

  const feature: BatchFeature = {
    name: 'test.feature',
    async apply(_tx, ref, answer) {
      const error = now.trouble?.(ref as string)
      if (error) throw error
      now.kept.set(ref as string, [...(now.kept.get(ref as string) ?? []), answer])
    },
    retry: async (_tx, ref) => void now.retried.push(ref as string),
  }

  /** As if nothing had been asked yet. */
  async function startAnew(): Promise<void> {
    const { db, setTime } = open()
    await sql`truncate model_batch, model_batch_item, model_call, budget cascade`.execute(db)
    setTime(new Date(START_MS).toISOString())
    Object.assign(now, { kept: new Map(), retried: [], trouble: undefined })
    now.fake.forget()
  }

  beforeEach(async () => {
    const objects = createMemoryObjects()
    // Nova Lite in batch: $0.03 for a million tokens in, $0.12 out. Every record differs.
    now.fake = await startFakeBatch({
      objects,
      bucket: 'reports',
      nanoUsdPerToken: { input: 30, output: 120 },
      minRecords: 3,
      answer: (recordId) => {
        const n = Number(recordId.slice(1))
        return { text: `Answer ${n}.`, inputTokens: 1_000 + n, outputTokens: 200 + n }
      },
    })
    now.models = batchesAgainst(now.fake, { objects })
    await startAnew()
  })
  afterEach(async () => {
    now.models.close()
    await now.fake.close()
  })

  const context = () => ({ ...open(), batches: now.models })
  return {
    open,
    now,
    feature,
    startAnew,
    context,
    submit: (given = items(3)) => submitBatch(context(), { feature: feature.name, items: given }),
    poll: () => pollBatches(context(), [feature]),
    passHours: (hours: number) => open().setTime(new Date(open().clock().getTime() + hours * HOUR_MS).toISOString()),
    listBatches: () =>
      open().db.selectFrom('model_batch').select(['state', 'error', 'records']).orderBy('created_at').execute(),
    listItems: () =>
      open().db.selectFrom('model_batch_item').select(['record_id', 'state', 'error']).orderBy('record_id').execute(),
    /** The ledger in short: how many calls are in which state, and what they cost. */
    async spent() {
      const calls = await open().db.selectFrom('model_call').select(['state', 'result', 'cost_usd']).execute()
      const count = (state: string) => calls.filter((call) => call.state === state).length
      return {
        calls: calls.length,
        open: count('open'),
        unsure: count('unsure'),
        ok: calls.filter(({ result }) => result === 'ok').length,
        usd: calls.reduce((sum, { cost_usd: usd }) => sum + Number(usd ?? 0), 0),
      }
    },
  }
}

export const items = (count: number, from = 0): NewBatchItem[] =>
  Array.from({ length: count }, (_, n) => ({
    subject: `test ${n + from}`,
    ref: `ref-${n + from}`,
    request: {
      feature: 'test.feature',
      promptVersion: 'p-1',
      maxTokens: 100,
      messages: [{ role: 'user', content: [{ type: 'text', text: `Question ${n + from}?` }] }],
    },
  }))
