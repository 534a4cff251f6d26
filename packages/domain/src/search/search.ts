import { listArticlesById } from '@dayshift/domain/articles'
import type { Context } from '@dayshift/domain/context'
import { stripHidden } from '@dayshift/domain/documents'
import { refang } from '@dayshift/domain/indicators'
import { LlmError } from '@dayshift/llm'
import { inTransaction, toVector } from '@dayshift/storage'
import { sql } from 'kysely'
import type { Hit } from './hit.ts'
import { highlight } from './highlight.ts'
import { searchPassages } from './statement.ts'

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
  const meaning = await embedQuestion({ llm, log }, words)
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

async function embedQuestion(
  { llm, log }: Pick<Context, 'llm' | 'log'>,
  words: string,
): Promise<{ vector: string; spaceId: string } | undefined> {
  try {
    const { vectors, space } = await llm.embed({ feature: 'search', texts: [words], purpose: 'query' })
    const [vector] = vectors
    return vector && { vector: toVector(vector), spaceId: space.id }
  } catch (error) {
    if (!(error instanceof LlmError)) throw error
    log.warn({ err: error }, 'no model embeds the question: searching without its meaning')
    return undefined
  }
}
