import type { Db } from '@dayshift/storage'
import { sql } from 'kysely'
import { z } from 'zod'

/** How much there is of everything. */
export const Totals = z.object({
  sources: z.int(),
  articles: z.int(),
  revisions: z.int(),
  duplicates: z.int(),
  skipped: z.int(),
  indicators: z.int(),
  techniques: z.int(),
  embeddings: z.int(),
  summaries: z.int(),
  failed: z.int(),
})
export type Totals = z.output<typeof Totals>

/** `failed` counts sources whose last check failed, items that could not be read and jobs that were given up. */
export async function countTotals(db: Db): Promise<Totals> {
  const { rows } = await sql<Record<keyof Totals, string>>`
    select
      (select count(*) from source) as sources,
      (select count(*) from article) as articles,
      (select count(*) from article_revision where revision > 1) as revisions,
      (select count(*) from source_item where outcome = 'duplicate') as duplicates,
      (select count(*) from source_item where outcome = 'skipped') as skipped,
      (select count(*) from indicator where not derived) as indicators,
      (select count(*) from article_technique) as techniques,
      (select count(*) from passage_vector) as embeddings,
      (select count(*) from summary) as summaries,
      (select count(*) from source where failures > 0)
        + (select count(*) from source_item where outcome = 'failed')
        + (select count(*) from outbox where state = 'dead') as failed`.execute(db)
  return Totals.parse(Object.fromEntries(Object.entries(rows[0] ?? {}).map(([name, count]) => [name, Number(count)])))
}
