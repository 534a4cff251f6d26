import type { Db } from '@dayshift/storage'
import { sql } from 'kysely'
import { z } from 'zod'

/** The calls of one day (UTC), feature, model or account, or of all. */
export const SpendingRow = z.object({
  /** `2026-11-21`, a feature, `provider/model`, or an account's id; null for calls of no account. */
  key: z.string().nullable(),
  calls: z.int(),
  failed: z.int(),
  inputTokens: z.int(),
  outputTokens: z.int(),
  cacheReadTokens: z.int(),
  cacheWriteTokens: z.int(),
  /** Of the calls whose cost is known. */
  costUsd: z.number(),
  /** Calls that are settled and whose price nobody knows. */
  unpriced: z.int(),
  /** Calls that are under way, or whose cost the vendor's log must still say. */
  unsettled: z.int(),
  /** Their worst cases. */
  unsettledUsd: z.number(),
})
export type SpendingRow = z.output<typeof SpendingRow>

export const SpendingReport = z.object({ items: z.array(SpendingRow), total: SpendingRow.omit({ key: true }) })
export type SpendingReport = z.output<typeof SpendingReport>

export const SpendingBy = z.enum(['day', 'feature', 'model', 'account'])
export type SpendingBy = z.output<typeof SpendingBy>

const keys: Record<SpendingBy, ReturnType<typeof sql>> = {
  day: sql`(started_at at time zone 'UTC')::date::text`,
  feature: sql`feature`,
  model: sql`provider || '/' || model`,
  account: sql`account_id::text`,
}

/** What the calls that began in [from, to) cost, dearest first, days in their order. Sums are exact until they are numbers. */
export async function spendingReport(
  db: Db,
  { from, to, by }: { from: Date; to: Date; by: SpendingBy },
): Promise<SpendingReport> {
  const { rows } = await sql<Record<keyof SpendingRow, string | null> & { isTotal: boolean }>`
    select key, grouping(key) = 1 as "isTotal", count(*) as calls,
      count(*) filter (where result <> 'ok') as failed,
      coalesce(sum(input_tokens), 0) as "inputTokens", coalesce(sum(output_tokens), 0) as "outputTokens",
      coalesce(sum(cache_read_tokens), 0) as "cacheReadTokens", coalesce(sum(cache_write_tokens), 0) as "cacheWriteTokens",
      coalesce(sum(cost_usd), 0) as "costUsd",
      count(*) filter (where state = 'settled' and cost_usd is null) as unpriced,
      count(*) filter (where state <> 'settled') as unsettled,
      coalesce(sum(worst_case_usd) filter (where state <> 'settled'), 0) as "unsettledUsd"
    from (
      select *, ${keys[by]} as key from model_call
      where started_at >= ${from.toISOString()}::timestamptz and started_at < ${to.toISOString()}::timestamptz
    ) as call
    group by grouping sets ((key), ())
    order by ${by === 'day' ? sql`key` : sql`coalesce(sum(cost_usd), 0) desc, key`}`.execute(db)
  const parsed = rows.map(({ isTotal, key, ...sums }) => ({
    isTotal,
    row: SpendingRow.parse({ key, ...Object.fromEntries(Object.entries(sums).map(([name, n]) => [name, Number(n)])) }),
  }))
  const total = SpendingReport.shape.total.parse(parsed.find(({ isTotal }) => isTotal)?.row)
  return { items: parsed.filter(({ isTotal }) => !isTotal).map(({ row }) => row), total }
}
