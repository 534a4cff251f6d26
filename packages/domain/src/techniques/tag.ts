import type { Context } from '@dayshift/domain/context'
import { NotFound } from '@dayshift/domain/errors'
import { inTransaction } from '@dayshift/storage'
import { findTechniques } from './find.ts'
import { saveTechniques } from './queries.ts'

/**
 * Finds the techniques that an article names and replaces those that it had; returns how many there are.
 * Throws NotFound when the article is gone.
 */
export async function tagTechniques(
  { db }: Pick<Context, 'db'>,
  article: { id: string; text: string },
): Promise<number> {
  const techniques = findTechniques(article.text)
  await inTransaction(db, async (tx) => {
    // Two readings of one article come one after the other.
    await tx
      .selectFrom('article')
      .select('id')
      .where('id', '=', article.id)
      .forNoKeyUpdate()
      .executeTakeFirstOrThrow(() => new NotFound('article', article.id))
    await saveTechniques(tx, article.id, techniques)
  })
  return techniques.length
}
