import { NotFound } from '@dayshift/domain/errors'
import type { Db } from '@dayshift/storage'
import { sql } from 'kysely'
import type { Article, ArticleId, ArticleRevision, ArticleRow } from './article.ts'

const EXCERPT_CHARACTERS = 280

const rowColumns = (db: Db) =>
  db
    .selectFrom('article')
    .innerJoin('source', 'source.id', 'article.source_id')
    .leftJoin('summary', 'summary.article_id', 'article.id')
    .select([
      'article.id',
      'article.title',
      'article.url',
      'source.id as sourceId',
      'source.title as sourceTitle',
      'article.published_at as publishedAt',
      'article.discovered_at as discoveredAt',
      'article.sort_at as sortAt',
      'article.word_count as wordCount',
      'article.revision',
    ])
    .select((eb) => [
      sql<string>`left(coalesce(summary.text, article.text), ${EXCERPT_CHARACTERS})`.as('excerpt'),
      eb
        .selectFrom('indicator')
        .whereRef('indicator.article_id', '=', 'article.id')
        .where('indicator.derived', '=', false)
        .select(({ fn }) => fn.countAll<string>().as('count'))
        .as('indicatorCount'),
      eb
        .selectFrom('article_technique')
        .whereRef('article_technique.article_id', '=', 'article.id')
        .select(({ fn }) => fn.countAll<string>().as('count'))
        .as('techniqueCount'),
    ])

type Row = Awaited<ReturnType<ReturnType<typeof rowColumns>['executeTakeFirstOrThrow']>>

const toRow = ({ sourceId, sourceTitle, indicatorCount, techniqueCount, ...row }: Row): ArticleRow => ({
  id: row.id,
  title: row.title,
  url: row.url,
  publishedAt: row.publishedAt,
  discoveredAt: row.discoveredAt,
  wordCount: row.wordCount,
  revision: row.revision,
  excerpt: row.excerpt,
  source: { id: sourceId, title: sourceTitle },
  indicatorCount: Number(indicatorCount),
  techniqueCount: Number(techniqueCount),
})

/** Where a page of the newest-first list ends: the time and id of its last article. */
export interface ArticleCursor {
  sortAt: Date
  id: ArticleId
}

export interface ArticleFilter {
  sourceId?: string | undefined
  techniqueId?: string | undefined
  indicator?: string | undefined
}

/** Articles from the newest, after `cursor`; `next` is absent on the last page. */
export async function listArticles(
  db: Db,
  {
    limit,
    cursor,
    sourceId,
    techniqueId,
    indicator,
  }: ArticleFilter & { limit: number; cursor?: ArticleCursor | undefined },
): Promise<{ articles: ArticleRow[]; next?: ArticleCursor }> {
  let query = rowColumns(db)
    .orderBy('article.sort_at', 'desc')
    .orderBy('article.id', 'desc')
    .limit(limit + 1)
  if (cursor) {
    query = query.where(sql<boolean>`(article.sort_at, article.id) < (${cursor.sortAt}, ${cursor.id})`)
  }
  if (sourceId !== undefined) query = query.where('article.source_id', '=', sourceId)
  if (techniqueId !== undefined) {
    query = query.where('article.id', 'in', (eb) =>
      eb.selectFrom('article_technique').select('article_id').where('technique_id', '=', techniqueId),
    )
  }
  if (indicator !== undefined) {
    query = query.where('article.id', 'in', (eb) =>
      eb.selectFrom('indicator').select('article_id').where('value', '=', indicator),
    )
  }
  const rows = await query.execute()
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return {
    articles: page.map(toRow),
    ...(rows.length > limit && last && { next: { sortAt: last.sortAt, id: last.id } }),
  }
}

/** The articles with these ids, in the order of the ids; one that is gone is left out. */
export async function listArticlesById(db: Db, ids: ArticleId[]): Promise<ArticleRow[]> {
  if (ids.length === 0) return []
  const rows = await rowColumns(db).where('article.id', 'in', ids).execute()
  const byId = new Map(rows.map((row) => [row.id, toRow(row)]))
  return ids.flatMap((id) => byId.get(id) ?? [])
}

export async function findArticle(db: Db, id: ArticleId): Promise<Article | undefined> {
  const row = await rowColumns(db)
    .select([
      'article.author',
      'article.language',
      'article.changed_at as changedAt',
      'article.text',
      'article.html',
      'article.text_from as textFrom',
      'article.hidden_characters as hiddenCharacters',
    ])
    .where('article.id', '=', id)
    .executeTakeFirst()
  if (!row) return undefined
  const { author, language, changedAt, text, html, textFrom, hiddenCharacters } = row
  return { ...toRow(row), author, language, changedAt, text, html, textFrom, hiddenCharacters }
}

export async function getArticle(db: Db, id: ArticleId): Promise<Article> {
  const article = await findArticle(db, id)
  if (!article) throw new NotFound('article', id)
  return article
}

/** Only what the reading steps need. */
export interface ArticleText {
  id: ArticleId
  sourceId: string
  url: string
  title: string
  text: string
  revision: number
  sortAt: Date
}

export async function getArticleText(db: Db, id: ArticleId): Promise<ArticleText> {
  return db
    .selectFrom('article')
    .select(['id', 'source_id as sourceId', 'url', 'title', 'text', 'revision', 'sort_at as sortAt'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow(() => new NotFound('article', id))
}

/** The states of an article that were kept, from the newest. */
export async function listRevisions(db: Db, id: ArticleId): Promise<ArticleRevision[]> {
  return db
    .selectFrom('article_revision')
    .select(['revision', 'title', 'created_at as createdAt'])
    .select(sql<number>`regexp_count(text, '\\S+')`.as('wordCount'))
    .where('article_id', '=', id)
    .orderBy('revision', 'desc')
    .execute()
}
