import { createHash } from 'node:crypto'
import { z } from 'zod'
import { Refusal } from './request-bodies.ts'

/** One call for embeddings, as AWS understood it. */
export interface ParsedEmbedding {
  family: 'titan' | 'cohere-v3' | 'cohere-v4' | 'nova'
  texts: string[]
  /** What makes the vectors of one text differ, such as `search_query`. */
  purpose: string
  dimensions: number
  /** Vectors of length 1 were asked for; Cohere's and Nova's here have another length, so that nobody relies on it. */
  normalize: boolean
  /** The answer names the type of its numbers. */
  byType: boolean
}

export interface EmbeddingAnswer {
  json: unknown
  headers: Record<string, string>
  inputTokens: number
}

const MAX_TOKENS = 8_192
const CHARACTERS_PER_TOKEN = 4

const Titan = z.strictObject({
  inputText: z.string().min(1).max(50_000),
  dimensions: z.literal([256, 512, 1024]).default(1024),
  normalize: z.boolean().default(true),
  embeddingTypes: z.array(z.enum(['float', 'binary'])).optional(),
})
const Cohere = {
  input_type: z.enum(['search_document', 'search_query', 'classification', 'clustering']),
  // AWS has four more types; the fake server makes floats only.
  embedding_types: z.tuple([z.literal('float')]).optional(),
}
const CohereV3 = z.strictObject({
  ...Cohere,
  texts: z.array(z.string().min(1).max(2_048)).min(1).max(96),
  truncate: z.enum(['NONE', 'START', 'END']).default('NONE'),
})
const CohereV4 = z.strictObject({
  ...Cohere,
  texts: z.array(z.string().min(1)).min(1).max(96),
  output_dimension: z.literal([256, 512, 1024, 1536]).default(1536),
  max_tokens: z.int().positive().max(128_000).optional(),
  truncate: z.enum(['NONE', 'LEFT', 'RIGHT']).default('NONE'),
})
const Nova = z.strictObject({
  schemaVersion: z.literal('nova-multimodal-embed-v1').optional(),
  taskType: z.literal('SINGLE_EMBEDDING'),
  singleEmbeddingParams: z.strictObject({
    embeddingPurpose: z.enum([
      'GENERIC_INDEX',
      'GENERIC_RETRIEVAL',
      'TEXT_RETRIEVAL',
      'IMAGE_RETRIEVAL',
      'VIDEO_RETRIEVAL',
      'DOCUMENT_RETRIEVAL',
      'AUDIO_RETRIEVAL',
      'CLASSIFICATION',
      'CLUSTERING',
    ]),
    embeddingDimension: z.literal([256, 384, 1024, 3072]).default(3072),
    text: z.strictObject({
      truncationMode: z.enum(['START', 'END', 'NONE']),
      value: z.string().min(1).max(50_000),
    }),
  }),
})

/**
 * A body of InvokeModel for one of the embedding models, read as strictly as AWS does.
 * @param id with or without the prefix of an inference profile; whether it is alive is not looked at
 * @throws Refusal
 */
export function parseEmbedding(id: string, json: unknown): ParsedEmbedding {
  const parsed = read(id, json)
  const tokens = parsed.texts.map(tokensOf)
  const most = parsed.family === 'cohere-v4' ? 128_000 : MAX_TOKENS
  const long = tokens.find((count) => count > most)
  if (long) refuse(`Too many input tokens. Max input tokens: ${most}, request input token count: ${long}`)
  return parsed
}

function read(id: string, json: unknown): ParsedEmbedding {
  if (/(^|[./])amazon\.titan-embed-text-v2:/.test(id)) {
    const { inputText, dimensions, normalize } = parse(Titan, json)
    return { family: 'titan', texts: [inputText], purpose: '', dimensions, normalize, byType: false }
  }
  if (/(^|[./])cohere\.embed-(english|multilingual)-v3$/.test(id)) {
    const { texts, input_type: purpose, embedding_types: types } = parse(CohereV3, json)
    return { family: 'cohere-v3', texts, purpose, dimensions: 1024, normalize: false, byType: types !== undefined }
  }
  if (/(^|[./])cohere\.embed-v4:/.test(id)) {
    const { texts, input_type: purpose, embedding_types: types, output_dimension: dimensions } = parse(CohereV4, json)
    return { family: 'cohere-v4', texts, purpose, dimensions, normalize: false, byType: types !== undefined }
  }
  if (/(^|[./])amazon\.nova-2-multimodal-embeddings-v1:/.test(id)) {
    const { embeddingPurpose: purpose, embeddingDimension: dimensions, text } = parse(Nova, json).singleEmbeddingParams
    return { family: 'nova', texts: [text.value], purpose, dimensions, normalize: false, byType: true }
  }
  return refuse(`The fake server has no embedding model ${id}.`)
}

/** The answer in the family's own form; its tokens, a quarter of the characters, are in the header and where else AWS puts them. */
export function embeddingAnswer(parsed: ParsedEmbedding): EmbeddingAnswer {
  const inputTokens = parsed.texts.reduce((sum, text) => sum + tokensOf(text), 0)
  const headers = { 'x-amzn-bedrock-input-token-count': String(inputTokens) }
  const vectors = parsed.texts.map((text) => vectorOf(text, parsed))
  return { json: answerBody(parsed, vectors, inputTokens), headers, inputTokens }
}

function answerBody({ family, texts, byType }: ParsedEmbedding, vectors: number[][], inputTokens: number): unknown {
  switch (family) {
    case 'titan':
      return { embedding: vectors[0], inputTextTokenCount: inputTokens, embeddingsByType: { float: vectors[0] } }
    case 'nova':
      return { embeddings: [{ embeddingType: 'TEXT', embedding: vectors[0] }] }
    case 'cohere-v3':
    case 'cohere-v4':
      return byType
        ? { id: 'fake', texts, response_type: 'embeddings_by_type', embeddings: { float: vectors } }
        : { id: 'fake', texts, response_type: 'embeddings_floats', embeddings: vectors }
  }
}

const tokensOf = (text: string): number => Math.ceil(text.length / CHARACTERS_PER_TOKEN)

/** Numbers that depend on the text and its purpose alone. */
function vectorOf(text: string, { purpose, dimensions, normalize }: ParsedEmbedding): number[] {
  const bytes = createHash('shake256', { outputLength: dimensions }).update(`${purpose}\n${text}`).digest()
  const numbers = Array.from(bytes, (byte) => byte - 127.5)
  const length = normalize ? Math.hypot(...numbers) : 100
  return numbers.map((number) => number / length)
}

function parse<T>(schema: z.ZodType<T>, json: unknown): T {
  const parsed = schema.safeParse(json)
  return parsed.success ? parsed.data : refuse(`Malformed input request: ${z.prettifyError(parsed.error)}`)
}

function refuse(message: string): never {
  throw new Refusal(400, 'ValidationException', message)
}
