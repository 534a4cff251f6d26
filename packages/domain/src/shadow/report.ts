import type { Db } from '@dayshift/storage'
import { sql } from 'kysely'
import { z } from 'zod'

const SideReport = z.object({
  /** `provider/model`. */
  model: z.string(),
  failed: z.int(),
  /** Of the answers; null when there is none, or when nothing is known of it. */
  tookP50Ms: z.number().nullable(),
  tookP95Ms: z.number().nullable(),
  firstPieceP50Ms: z.number().nullable(),
  firstPieceP95Ms: z.number().nullable(),
  meanCostUsd: z.number().nullable(),
  /** UTF-8 characters. */
  meanCharacters: z.number().nullable(),
  meanInputTokens: z.number().nullable(),
  meanOutputTokens: z.number().nullable(),
  /** Of the answers that JSON was asked for, 0 to 1. */
  validJsonShare: z.number().nullable(),
})

/** How two models answered the same requests of one feature. */
export const ShadowRow = z.object({
  feature: z.string(),
  pairs: z.int(),
  first: SideReport,
  second: SideReport,
  /** Of the pairs in which both answered, 0 to 1. */
  identicalShare: z.number().nullable(),
})
export type ShadowRow = z.output<typeof ShadowRow>

export interface ShadowExample {
  feature: string
  askedAt: Date
  first: { model: string; text: string | null; error: string | null }
  second: { model: string; text: string | null; error: string | null }
}

export interface ShadowReport {
  rows: ShadowRow[]
  /** The latest pairs. */
  examples: ShadowExample[]
}

/** Compares what was asked since then, for each feature and each two models. */
export async function shadowReport(
  db: Db,
  { since, feature, examples = 0 }: { since: Date; feature?: string | undefined; examples?: number | undefined },
): Promise<ShadowReport> {
  const pairs = sql`
    select p.feature, p.asked_at, p.id, ${sql.join([side('f', 'first'), side('s', 'second')])}
    from shadow_pair as p
      join shadow_answer as f on f.pair_id = p.id and f.side = 'first'
      join shadow_answer as s on s.pair_id = p.id and s.side = 'second'
    where p.asked_at >= ${since} ${feature === undefined ? sql`` : sql`and p.feature = ${feature}`}`
  const compared = await sql<{ row: unknown }>`
    select json_build_object('feature', feature, 'pairs', count(*), 'first', ${sideReport('first')},
      'second', ${sideReport('second')},
      'identicalShare', avg((first_text = second_text)::int)) as row
    from (${pairs}) as pair
    group by feature, first_model, second_model order by feature, count(*) desc, first_model, second_model`.execute(db)
  const latest = await sql<{ feature: string; askedAt: Date } & Record<string, string | null>>`
    select feature, asked_at as "askedAt", first_model, first_text, first_error, second_model, second_text, second_error
    from (${pairs}) as pair order by asked_at desc, id desc limit ${examples}`.execute(db)
  return {
    rows: compared.rows.map(({ row }) => ShadowRow.parse(row)),
    examples: latest.rows.map(({ feature, askedAt, ...row }) => ({
      feature,
      askedAt,
      first: { model: row['first_model'] ?? '', text: row['first_text'] ?? null, error: row['first_error'] ?? null },
      second: {
        model: row['second_model'] ?? '',
        text: row['second_text'] ?? null,
        error: row['second_error'] ?? null,
      },
    })),
  }
}

const side = (from: 'f' | 's', name: 'first' | 'second') => {
  const columns = 'text error valid_json took_ms first_piece_ms input_tokens output_tokens cost_usd'.split(' ')
  const named = columns.map((column) => sql`${sql.ref(`${from}.${column}`)} as ${sql.ref(`${name}_${column}`)}`)
  return sql`${sql.ref(`${from}.provider`)} || '/' || ${sql.ref(`${from}.model`)} as ${sql.ref(`${name}_model`)}, ${sql.join(named)}`
}

/** Times, lengths and costs are those of answers: a quick refusal makes no model fast. */
function sideReport(name: 'first' | 'second') {
  const column = (column: string) => sql.ref(`${name}_${column}`)
  const answered = sql`filter (where ${column('text')} is not null)`
  const percentile = (share: number, of: string) =>
    sql`percentile_cont(${sql.lit(share)}) within group (order by ${column(of)}) ${answered}`
  return sql`json_build_object('model', ${column('model')},
    'failed', count(*) filter (where ${column('text')} is null),
    'tookP50Ms', ${percentile(0.5, 'took_ms')}, 'tookP95Ms', ${percentile(0.95, 'took_ms')},
    'firstPieceP50Ms', ${percentile(0.5, 'first_piece_ms')}, 'firstPieceP95Ms', ${percentile(0.95, 'first_piece_ms')},
    'meanCostUsd', avg(${column('cost_usd')}) ${answered}, 'meanCharacters', avg(length(${column('text')})),
    'meanInputTokens', avg(${column('input_tokens')}) ${answered}, 'meanOutputTokens', avg(${column('output_tokens')}) ${answered},
    'validJsonShare', avg(${column('valid_json')}::int))`
}
