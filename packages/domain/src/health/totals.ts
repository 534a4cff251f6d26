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

/**
 * Counts what there is, or what came from the given sources. `failed` counts sources whose last check failed, items
 * that could not be read, and all jobs that were given up.
 */
export async function countTotals(db: Db, sourceIds?: string[]): Promise<Totals> {
  const given = sourceIds === undefined ? sql`true` : sql`id = any(${sourceIds}::uuid[])`
  const { rows } = await sql<Record<keyof Totals, string>>`
    with chosen as materialized (
      select id, failures from source where ${given}
    ), own as materialized (
      select id from article where source_id in (select id from chosen)
    ), item as materialized (
      select outcome from source_item where source_id in (select id from chosen)
    )
    select
      (select count(*) from chosen) as sources,
      (select count(*) from own) as articles,
      (select count(*) from article_revision where revision > 1 and article_id in (select id from own)) as revisions,
      (select count(*) from item where outcome = 'duplicate') as duplicates,
      (select count(*) from item where outcome = 'skipped') as skipped,
      (select count(*) from indicator where not derived and article_id in (select id from own)) as indicators,
      (select count(*) from article_technique where article_id in (select id from own)) as techniques,
      (select count(*) from passage_vector where article_id in (select id from own)
        and space_id = (select id from embedding_space where state = 'active')) as embeddings,
      (select count(*) from summary where article_id in (select id from own)) as summaries,
      (select count(*) from chosen where failures > 0)
        + (select count(*) from item where outcome = 'failed')
        + (select count(*) from outbox where state = 'dead') as failed`.execute(db)
  return Totals.parse(Object.fromEntries(Object.entries(rows[0] ?? {}).map(([name, count]) => [name, Number(count)])))
}
