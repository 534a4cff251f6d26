import type { Db } from '@dayshift/storage'
import { sql } from 'kysely'
import { Indicator, type IndicatorKind } from './indicator.ts'
import { refang } from './refang.ts'

// PostgreSQL takes at most 65,535 parameters in one statement; a row has 9.
const ROWS_PER_INSERT = 1000

/** Replaces the indicators of an article. Must run in a transaction. */
export async function saveIndicators(
  tx: Db,
  articleId: string,
  found: Indicator[],
  derived: Indicator[],
): Promise<void> {
  await tx.deleteFrom('indicator').where('article_id', '=', articleId).execute()
  const rows = [
    ...found.map((indicator) => toRow(articleId, indicator, false)),
    ...derived.map((indicator) => toRow(articleId, indicator, true)),
  ]
  for (let at = 0; at < rows.length; at += ROWS_PER_INSERT) {
    await tx
      .insertInto('indicator')
      .values(rows.slice(at, at + ROWS_PER_INSERT))
      .execute()
  }
}

const toRow = (articleId: string, { startOffset, endOffset, ...rest }: Indicator, derived: boolean) => ({
  ...rest,
  article_id: articleId,
  start_offset: startOffset,
  end_offset: endOffset,
  derived,
})

/** The indicators of an article in the order of the text, without the rows that only serve search. */
export async function listIndicators(db: Db, articleId: string): Promise<Indicator[]> {
  const rows = await db
    .selectFrom('indicator')
    .select([
      'kind',
      'value',
      'written',
      'start_offset as startOffset',
      'end_offset as endOffset',
      'occurrences',
      'defanged',
    ])
    .where('article_id', '=', articleId)
    .where('derived', '=', false)
    .orderBy('start_offset')
    .orderBy('kind')
    .orderBy('value')
    .execute()
  return rows.map((row) => Indicator.parse(row))
}

/** Ids of the articles that name this value, however it is written, or something below it; from the newest. */
export async function findIndicatorArticles(db: Db, value: string, { limit }: { limit: number }): Promise<string[]> {
  const plain = refang(value).trim()
  const rows = await db
    .selectFrom('article')
    .select('id')
    .where('id', 'in', (eb) =>
      eb.selectFrom('indicator').select('article_id').where('value', 'in', [plain, plain.toLowerCase()]),
    )
    .orderBy('sort_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  return rows.map(({ id }) => id)
}

export interface IndicatorValue {
  kind: IndicatorKind
  value: string
  articleCount: number
}

export interface IndicatorCursor {
  kind: string
  value: string
}

/** Values over all articles in their alphabetical order, those that begin with `value`; `next` is absent on the last page. */
export async function listIndicatorValues(
  db: Db,
  {
    limit,
    kind,
    value,
    after,
  }: {
    limit: number
    kind?: IndicatorKind | undefined
    value?: string | undefined
    after?: IndicatorCursor | undefined
  },
): Promise<{ items: IndicatorValue[]; next?: IndicatorCursor }> {
  // Bytes, not letters of a language: the order of the index, and the same on every server.
  const order = sql<string>`value collate "C"`
  let query = db
    .selectFrom('indicator')
    .select(['kind', 'value'])
    .select(({ fn }) => fn.countAll<string>().as('articleCount'))
    .where('derived', '=', false)
    .groupBy(['kind', 'value'])
    .orderBy(order)
    .orderBy(sql`kind collate "C"`)
    .limit(limit + 1)
  if (kind !== undefined) query = query.where('kind', '=', kind)
  if (value !== undefined) {
    const prefix = refang(value)
      .trim()
      .replace(/[\\%_]/g, '\\$&')
    query = query.where((eb) =>
      eb.or([eb('value', 'like', `${prefix}%`), eb('value', 'like', `${prefix.toLowerCase()}%`)]),
    )
  }
  if (after) {
    query = query.where(
      sql<boolean>`(value collate "C", kind collate "C") > (${after.value}::text, ${after.kind}::text)`,
    )
  }
  const rows = await query.execute()
  const items = rows.slice(0, limit).map(({ kind, value, articleCount }) => ({
    kind: Indicator.shape.kind.parse(kind),
    value,
    articleCount: Number(articleCount),
  }))
  const last = items.at(-1)
  return { items, ...(rows.length > limit && last && { next: { kind: last.kind, value: last.value } }) }
}
