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

export interface EmbeddedPassage extends PlainPassage {
  vector: Iterable<number>
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

/** Adds the passages of an article, their words and their vectors. Must run in a transaction. */
export async function savePassages(
  tx: Db,
  article: ArticleText,
  space: EmbeddingSpace,
  passages: EmbeddedPassage[],
): Promise<void> {
  await sql`
    insert into embedding_space (id, provider, model, dimensions, version)
    values (${space.id}, ${space.provider}, ${space.model}, ${space.dimensions}, ${space.version})
    on conflict (id) do nothing`.execute(tx)
  const rows = passages.map(({ start, end, text, searchable, vector }, position) => ({
    id: uuidv7(),
    position,
    start,
    end,
    text,
    searchable,
    vector: toVector(vector),
  }))
  const day = article.sortAt.toISOString().slice(0, 10)
  await sql`
    with new as (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        as row (id uuid, position int, start int, "end" int, text text, searchable text, vector text)
    ), kept as (
      insert into passage (id, article_id, revision, position, start_offset, end_offset, text)
      select id, ${article.id}, ${article.revision}, position, start, "end", text from new
      returning id
    ), words as (
      insert into passage_words (passage_id, article_id, source_id, day, words)
      select new.id, ${article.id}, ${article.sourceId}, ${day}, to_tsvector('english', searchable)
      from new join kept using (id)
      returning passage_id
    )
    insert into passage_vector (passage_id, space_id, article_id, source_id, day, embedding)
    select new.id, ${space.id}, ${article.id}, ${article.sourceId}, ${day}, vector::vector
    from new join words on passage_id = new.id`.execute(tx)
}
