import { z } from 'zod'
import { LlmAnswerInvalid, LlmRefusedRequest } from '../errors.ts'
import { EMBEDDING_DIMENSIONS } from '../llm.ts'
import type { EmbeddingSpace, EmbedRequest } from '../llm.ts'
import { NO_USAGE } from '../provider.ts'
import type { EmbedReply, Target } from '../provider.ts'
import { refuseBlank } from '../texts.ts'
import { toWidth, widthName, widthWarnings } from '../vector.ts'

/** Ollama works on the texts of one call side by side; more of them would only make a failure dearer. */
export const TEXTS_PER_CALL = 32
/** Changes whenever the same model is asked in a way that gives other vectors. */
const VERSION = 'v1'

/** What models were trained to find before a text, which Ollama does not add. By the beginning of the name; sources: the model cards. */
const PREFIXES: [model: string, document: string, query: string][] = [
  ['nomic-embed-text', 'search_document: ', 'search_query: '],
  ['embeddinggemma', 'title: none | text: ', 'task: search result | query: '],
  ['mxbai-embed-large', '', 'Represent this sentence for searching relevant passages: '],
  ['snowflake-arctic-embed2', '', 'query: '],
  ['snowflake-arctic-embed', '', 'Represent this sentence for searching relevant passages: '],
]

/** Source: `EmbedResponse` in Ollama's `api/types.go`. */
const Answer = z.object({
  embeddings: z.array(z.array(z.number()).min(1)),
  prompt_eval_count: z.int().nonnegative().optional(),
})

/** The body of `POST /api/embed`; a text that the model would have to cut is refused by it. @throws LlmRefusedRequest */
export function toEmbedBody({ texts, purpose }: EmbedRequest, { id }: Target): unknown {
  refuseBlank(texts)
  if (texts.length === 0 || texts.length > TEXTS_PER_CALL) {
    throw new LlmRefusedRequest(`Ollama is given 1 to ${TEXTS_PER_CALL} texts in a call; ${texts.length} came.`)
  }
  const [, document = '', query = ''] = PREFIXES.find(([model]) => id.split('/').at(-1)!.startsWith(model)) ?? []
  const prefix = purpose === 'document' ? document : query
  return { model: id, input: texts.map((text) => prefix + text), truncate: false }
}

/** @throws LlmAnswerInvalid */
export function readEmbeddings(body: string, count: number, { id }: Target): EmbedReply {
  try {
    const { embeddings, prompt_eval_count: inputTokens } = Answer.parse(JSON.parse(body))
    const width = embeddings[0]?.length ?? 0
    if (embeddings.length !== count || embeddings.some((vector) => vector.length !== width)) {
      throw new RangeError(
        `${embeddings.length} came, of ${[...new Set(embeddings.map((one) => one.length))].join(' and ')} numbers.`,
      )
    }
    return {
      vectors: embeddings.map(toWidth),
      space: spaceOf(id, width),
      usage: inputTokens === undefined ? undefined : { ...NO_USAGE, inputTokens },
      warnings: widthWarnings(id, width),
    }
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause)
    throw new LlmAnswerInvalid(`${id}: the answer is not ${count} embeddings: ${why}`, { cause })
  }
}

/** `:latest` is what Ollama adds to a name without a tag. */
function spaceOf(id: string, sourceDimensions: number): EmbeddingSpace {
  const model = id.replace(/:latest$/, '')
  return {
    id: `ollama:${model}:${widthName(sourceDimensions)}:${VERSION}`,
    provider: 'ollama',
    model,
    dimensions: EMBEDDING_DIMENSIONS,
    sourceDimensions,
    version: VERSION,
  }
}
