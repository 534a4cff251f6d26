import { type ArticleId, getArticleText } from '@dayshift/domain/articles'
import type { Context } from '@dayshift/domain/context'
import { refang } from '@dayshift/domain/indicators'
import { inTransaction } from '@dayshift/storage'
import { noteSpace } from './adopt.ts'
import { cutPassages } from './passages.ts'
import { deletePassages, lockRevision, savePassages, saveVectors } from './queries.ts'
import { type EmbeddedTexts, embedTexts, isWithoutModel } from './texts.ts'

/**
 * Cuts an article into passages and embeds them; running it again replaces them. Returns how many there are.
 * When the article changed meanwhile nothing is saved: the new revision is embedded by a step of its own.
 */
export async function embedArticle(
  { db, llm, log }: Pick<Context, 'db' | 'llm' | 'log'>,
  articleId: ArticleId,
): Promise<number> {
  const article = await getArticleText(db, articleId)
  const passages = cutPassages(article.text).map(({ start, end }) => {
    const text = article.text.slice(start, end)
    return { start, end, text, searchable: refang(text) }
  })
  const texts = passages.map(({ searchable }) => searchable)
  const embedded = texts.length > 0 ? await embedWhereNeeded({ db, llm, log }, texts) : []
  await inTransaction(db, async (tx) => {
    if (!(await lockRevision(tx, article))) return
    await deletePassages(tx, article.id)
    const ids = await savePassages(tx, article, passages)
    for (const { space, vectors } of embedded) await saveVectors(tx, space, ids, vectors)
  })
  return passages.length
}

/**
 * In the configured model's space and, while that is still being filled, in the active one too, which search answers from.
 * Once the active space's model is gone, a new article is found by its words until the change is complete.
 */
async function embedWhereNeeded(
  { db, llm, log }: Pick<Context, 'db' | 'llm' | 'log'>,
  texts: string[],
): Promise<EmbeddedTexts[]> {
  const configured = await embedTexts(llm, texts)
  const active = await noteSpace(db, configured.space)
  if (active.id === configured.space.id) return [configured]
  try {
    return [configured, await embedTexts(llm, texts, { space: active })]
  } catch (error) {
    if (!isWithoutModel(error)) throw error
    log.warn(
      { err: error, space: active.id },
      'the model that search still uses does not answer: the article is found by its words for now',
    )
    return [configured]
  }
}
