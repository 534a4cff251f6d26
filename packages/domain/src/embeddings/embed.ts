import { type ArticleId, getArticleText } from '@dayshift/domain/articles'
import type { Context } from '@dayshift/domain/context'
import { refang } from '@dayshift/domain/indicators'
import { LlmError } from '@dayshift/llm'
import { inTransaction } from '@dayshift/storage'
import { noteSpace } from './adopt.ts'
import { cutPassages } from './passages.ts'
import { deletePassages, lockRevision, savePassages, saveVectors } from './queries.ts'
import { type EmbeddedTexts, embedTexts, isWithoutModel } from './texts.ts'

/**
 * Cuts an article into passages and embeds them; running it again replaces them. Returns how many there are.
 * When the article changed meanwhile nothing is saved: the new revision is embedded by a step of its own.
 * @throws LlmError when no model embeds it, which is found by its words then
 */
export async function embedArticle(
  { db, llm, log }: Pick<Context, 'db' | 'llm' | 'log'>,
  articleId: ArticleId,
  options: { signal?: AbortSignal } = {},
): Promise<number> {
  const article = await getArticleText(db, articleId)
  const passages = cutPassages(article.text).map(({ start, end }) => {
    const text = article.text.slice(start, end)
    return { start, end, text, searchable: refang(text) }
  })
  const texts = passages.map(({ searchable }) => searchable)
  const { embedded, failure } = await embedIfPossible({ db, llm, log }, texts, options)
  await inTransaction(db, async (tx) => {
    if (!(await lockRevision(tx, article))) return
    await deletePassages(tx, article.id)
    const ids = await savePassages(tx, article, passages)
    for (const { space, vectors } of embedded) await saveVectors(tx, space, ids, vectors)
  })
  if (failure) throw failure
  return passages.length
}

async function embedIfPossible(
  context: Pick<Context, 'db' | 'llm' | 'log'>,
  texts: string[],
  options: { signal?: AbortSignal },
): Promise<{ embedded: EmbeddedTexts[]; failure?: LlmError }> {
  if (texts.length === 0) return { embedded: [] }
  try {
    return { embedded: await embedWhereNeeded(context, texts, options) }
  } catch (error) {
    if (!(error instanceof LlmError)) throw error
    return { embedded: [], failure: error }
  }
}

/**
 * In the configured model's space and, while that is still being filled, in the active one too, which search answers from.
 * Once the active space's model is gone, a new article is found by its words until the change is complete.
 */
async function embedWhereNeeded(
  { db, llm, log }: Pick<Context, 'db' | 'llm' | 'log'>,
  texts: string[],
  options: { signal?: AbortSignal },
): Promise<EmbeddedTexts[]> {
  const configured = await embedTexts(llm, texts, options)
  const active = await noteSpace(db, configured.space)
  if (active.id === configured.space.id) return [configured]
  try {
    return [configured, await embedTexts(llm, texts, { ...options, space: active })]
  } catch (error) {
    if (!isWithoutModel(error)) throw error
    log.warn(
      { err: error, space: active.id },
      'the model that search still uses does not answer: the article is found by its words for now',
    )
    return [configured]
  }
}
