import { listArticlesById } from '@dayshift/domain/articles'
import type { Context } from '@dayshift/domain/context'
import { stripHidden } from '@dayshift/domain/documents'
import { embedTexts, findSpace, OtherSpace } from '@dayshift/domain/embeddings'
import { refang } from '@dayshift/domain/indicators'
import { LlmError, LlmModelNotFound } from '@dayshift/llm'
import { inTransaction, toVector } from '@dayshift/storage'
import { sql } from 'kysely'
import type { Hit } from './hit.ts'
import { highlight } from './highlight.ts'
import { type Question, searchPassages } from './statement.ts'

export interface SearchRequest {
  q: string
  limit: number
  sourceId?: string | undefined
}

const List = ['title', 'words', 'meaning', 'indicator'] as const

/**
 * Finds articles by words, meaning, title and indicators together; the best passage of each is shown.
 * While no model answers, the other lists go on without the meaning.
 */
export async function search(
  { db, llm, log }: Pick<Context, 'db' | 'llm' | 'log'>,
  { q, limit, sourceId }: SearchRequest,
): Promise<Hit[]> {
  const words = refang(stripHidden(q).text).trim()
  if (words === '') return []
  const meaning = await embedQuestion({ db, llm, log }, words)
  return inTransaction(db, async (tx) => {
    // ef_search bounds how many rows an index scan can give; relaxed order gives a filter all of its rows.
    await sql`select set_config('hnsw.ef_search', '120', true), set_config('hnsw.iterative_scan', 'relaxed_order', true),
      set_config('jit', 'off', true)`.execute(tx)
    const fused = await searchPassages(tx, {
      words,
      indicator: words.toLowerCase(),
      meaning,
      sourceId,
      limit,
    })
    const articles = await listArticlesById(
      tx,
      fused.map(({ articleId }) => articleId),
    )
    const passageIds = fused.flatMap(({ passageId }) => passageId ?? [])
    const passages = passageIds.length
      ? await tx
          .selectFrom('passage')
          .select(['id', 'text', 'start_offset as startOffset', 'end_offset as endOffset'])
          .where('id', 'in', passageIds)
          .execute()
      : []
    return fused.flatMap(({ articleId, passageId, score, matched }) => {
      const article = articles.find(({ id }) => id === articleId)
      if (!article) return []
      const found = passages.find(({ id }) => id === passageId)
      const passage = found ? { text: found.text, startOffset: found.startOffset, endOffset: found.endOffset } : null
      return {
        article,
        passage,
        highlights: passage ? highlight(passage.text, q) : [],
        matched: List.filter((list) => matched.includes(list)),
        score,
      }
    })
  })
}

/** Logs that were told of a space whose model is gone: it stays gone, and every search would say so. */
const toldOf = new WeakMap<Context['log'], string>()

/** The question as a vector of the active space: that space's model is asked, whatever model is configured now. */
async function embedQuestion(
  { db, llm, log }: Pick<Context, 'db' | 'llm' | 'log'>,
  words: string,
): Promise<Question['meaning']> {
  const space = await findSpace(db, 'active')
  if (!space) return undefined
  try {
    const { vectors } = await embedTexts(llm, [words], { space, feature: 'search', purpose: 'query' })
    const [vector] = vectors
    return vector && { vector: toVector(vector), spaceId: space.id }
  } catch (error) {
    if (error instanceof OtherSpace || error instanceof LlmModelNotFound) {
      if (toldOf.get(log) !== space.id)
        log.warn(
          { err: error },
          `the model of ${space.id} is gone: searching without meaning until another has its place`,
        )
      toldOf.set(log, space.id)
      return undefined
    }
    if (!(error instanceof LlmError)) throw error
    log.warn({ err: error }, 'no model embeds the question: searching without its meaning')
    return undefined
  }
}
