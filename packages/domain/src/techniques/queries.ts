import type { Db } from '@dayshift/storage'
import type { Technique } from './technique.ts'

/** Replaces the techniques of an article. Must run in a transaction. */
export async function saveTechniques(tx: Db, articleId: string, techniques: Technique[]): Promise<void> {
  await tx.deleteFrom('article_technique').where('article_id', '=', articleId).execute()
  if (techniques.length === 0) return
  const rows = techniques.map(({ id, startOffset, endOffset, ...rest }) => ({
    ...rest,
    article_id: articleId,
    technique_id: id,
    start_offset: startOffset,
    end_offset: endOffset,
  }))
  await tx.insertInto('article_technique').values(rows).execute()
}

/** The techniques of an article in the order of the text. */
export async function listTechniques(db: Db, articleId: string): Promise<Technique[]> {
  return db
    .selectFrom('article_technique')
    .select([
      'technique_id as id',
      'name',
      'basis',
      'written',
      'start_offset as startOffset',
      'end_offset as endOffset',
      'occurrences',
    ])
    .where('article_id', '=', articleId)
    .orderBy('start_offset')
    .orderBy('technique_id')
    .execute()
}
