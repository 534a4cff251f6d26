import { type ArticleId, getArticleText } from '@dayshift/domain/articles'
import type { Context } from '@dayshift/domain/context'
import { refang } from '@dayshift/domain/indicators'
import { inTransaction } from '@dayshift/storage'
import { cutPassages } from './passages.ts'
import { deletePassages, lockRevision, type PlainPassage, savePassages } from './queries.ts'

/**
 * Cuts an article into passages and embeds them; running it again replaces them. Returns how many there are.
 * When the article changed meanwhile nothing is saved: the new revision is embedded by a step of its own.
 */
export async function embedArticle({ db, llm }: Pick<Context, 'db' | 'llm'>, articleId: ArticleId): Promise<number> {
  const article = await getArticleText(db, articleId)
  const passages = cutPassages(article.text).map(({ start, end }) => {
    const text = article.text.slice(start, end)
    return { start, end, text, searchable: refang(text) }
  })
  const embedded = passages.length > 0 ? await embedPassages(llm, passages) : undefined
  await inTransaction(db, async (tx) => {
    if (!(await lockRevision(tx, article))) return
    await deletePassages(tx, article.id)
    if (embedded) await savePassages(tx, article, embedded.space, embedded.passages)
  })
  return passages.length
}

async function embedPassages(llm: Context['llm'], passages: PlainPassage[]) {
  const texts = passages.map(({ searchable }) => searchable)
  const { vectors, space } = await llm.embed({ feature: 'article.embed', texts, purpose: 'document' })
  if (vectors.length !== texts.length)
    throw new Error(`Expected ${texts.length} vectors from ${space.id}, got ${vectors.length}.`)
  const embedded = passages.map((passage, index) => {
    const vector = vectors[index] ?? []
    if (vector.length === space.dimensions) return { ...passage, vector }
    throw new Error(`Expected vectors of ${space.dimensions} numbers from ${space.id}, got one of ${vector.length}.`)
  })
  return { space, passages: embedded }
}
