import type { ArticleText } from '@dayshift/domain/articles'
import { NotFound } from '@dayshift/domain/errors'
import type { EmbeddingSpace } from '@dayshift/llm'
import { type Db, toVector } from '@dayshift/storage'
import { sql } from 'kysely'
import { v7 as uuidv7 } from 'uuid'
import type { Passage } from './passages.ts'

export interface PlainPassage extends Passage {
  text: string
  /** The text with indicators written plainly, for the word index. */
  searchable: string
}

/** Keeps other readings of the article out until the transaction ends; false when its revision is another one now. */
export async function lockRevision(tx: Db, { id, revision }: ArticleText): Promise<boolean> {
  const row = await tx
    .selectFrom('article')
    .select('revision')
    .where('id', '=', id)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow(() => new NotFound('article', id))
  return row.revision === revision
}

/** Deletes the passages of an article with their words and vectors. */
export async function deletePassages(tx: Db, articleId: string): Promise<void> {
  await tx.deleteFrom('passage').where('article_id', '=', articleId).execute()
}

/** Adds the passages of an article and their words; returns their ids in order. */
export async function savePassages(tx: Db, article: ArticleText, passages: PlainPassage[]): Promise<string[]> {
  const rows = passages.map((passage, position) => ({ ...passage, position, id: uuidv7() }))
  const day = article.sortAt.toISOString().slice(0, 10)
  await sql`
    with new as (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        as row (id uuid, position int, start int, "end" int, text text, searchable text)
    ), kept as (
      insert into passage (id, article_id, revision, position, start_offset, end_offset, text)
      select id, ${article.id}, ${article.revision}, position, start, "end", text from new
      returning id
    )
    insert into passage_words (passage_id, article_id, source_id, day, words)
    select new.id, ${article.id}, ${article.sourceId}, ${day}, to_tsvector('english', searchable)
    from new join kept using (id)`.execute(tx)
  return rows.map(({ id }) => id)
}

/**
 * Adds the vectors of passages in one space; returns how many. Passed over is a passage that has one there, is gone, or
 * is being replaced at this moment: waiting for it could be a deadlock, and its new text is embedded by a step of its own.
 */
export async function saveVectors(
  db: Db,
  space: Pick<EmbeddingSpace, 'id'>,
  passageIds: string[],
  vectors: Float32Array[],
): Promise<number> {
  const rows = passageIds.map((id, index) => ({ id, vector: toVector(vectors[index] ?? []) }))
  const { numAffectedRows } = await sql`
    insert into passage_vector (passage_id, space_id, article_id, source_id, day, embedding)
    select passage.id, ${space.id}, words.article_id, words.source_id, words.day, new.vector::vector
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as new (id uuid, vector text)
      join passage using (id)
      join passage_words words on words.passage_id = passage.id
    for key share of passage skip locked
    on conflict do nothing`.execute(db)
  return Number(numAffectedRows ?? 0)
}

/** Where a walk through the passages stands: articles from the newest, passages from the first. */
export interface Place {
  sortAt: string
  articleId: string
  position: number
}

export interface MissingPassage extends Place {
  id: string
  text: string
}

/** The next passages without a vector in the space. */
export async function listMissing(
  db: Db,
  spaceId: string,
  { after, limit }: { after: Place | undefined; limit: number },
): Promise<MissingPassage[]> {
  // The first condition says nothing new, but the index of the newest articles can begin with it.
  const rest = after
    ? sql`(article.sort_at, article.id) <= (${after.sortAt}::timestamptz, ${after.articleId}::uuid)
        and (article.sort_at, article.id, -passage.position) <
          (${after.sortAt}::timestamptz, ${after.articleId}::uuid, ${-after.position}::int)`
    : sql`true`
  // As text, because a Date would lose the microseconds.
  const { rows } = await sql<MissingPassage>`
    select passage.id, passage.text, article.id as "articleId", article.sort_at::text as "sortAt", passage.position
    from article join passage on passage.article_id = article.id
    where ${rest} and not exists (
      select from passage_vector where passage_vector.passage_id = passage.id and space_id = ${spaceId}
    )
    order by article.sort_at desc, article.id desc, passage.position
    limit ${limit}`.execute(db)
  return rows
}
