import type { z } from 'zod'

/** The one door to every model. A provider is chosen once, in a `main.ts`; callers see only this. */
export interface Llm {
  /**
   * One whole answer. With `schema` the answer's `json` has that type.
   * @throws LlmError; or the signal's reason when the caller cancels, which cancels upstream too.
   */
  complete<T = undefined>(request: TextRequest<T>, options?: CallOptions): Promise<Answer<T>>
  /** The same, piece by piece; the last event is `end` with the whole answer. Leaving the loop cancels upstream. */
  stream<T = undefined>(request: TextRequest<T>, options?: CallOptions): AsyncIterable<StreamEvent<T>>
  /** One 768-wide vector of length 1 for each text, in the same order. Blank texts are refused. */
  embed(request: EmbedRequest, options?: CallOptions): Promise<Embeddings>
  /** Input tokens of the request: exact where the vendor counts, otherwise a cautious estimate from its length. */
  countTokens(request: TextRequest<unknown>, options?: CallOptions): Promise<number>
}

export interface CallOptions {
  signal?: AbortSignal | undefined
}

export interface TextRequest<T = undefined> {
  /** What the call is for, such as `article.summary`; money is counted by it. */
  feature: string
  /** A catalogue id, an alias, an inference profile or an ARN; the provider's own choice when absent. */
  model?: string | undefined
  system?: string | undefined
  messages: Message[]
  /** Always sent, because vendors reserve it against the quota: the model's default when absent. */
  maxTokens?: number | undefined
  temperature?: number | undefined
  tools?: Tool[] | undefined
  /** The answer must be JSON of this shape. */
  schema?: z.ZodType<T> | undefined
  promptVersion?: string | undefined
}

export interface Message {
  role: 'user' | 'assistant'
  content: Part[]
}

export type Part = TextPart | ImagePart | DocumentPart | ToolUsePart | ToolResultPart

export interface TextPart {
  type: 'text'
  text: string
}

export interface ImagePart {
  type: 'image'
  format: 'png' | 'jpeg' | 'gif' | 'webp'
  bytes: Uint8Array
}

export interface DocumentPart {
  type: 'document'
  format: 'pdf' | 'csv' | 'doc' | 'docx' | 'xls' | 'xlsx' | 'html' | 'txt' | 'md'
  bytes: Uint8Array
}

/** The model's wish to call a tool, as it stands in the conversation. */
export interface ToolUsePart extends ToolCall {
  type: 'toolUse'
}

export interface ToolResultPart {
  type: 'toolResult'
  toolUseId: string
  text: string
  failed?: boolean | undefined
}

export interface Tool {
  name: string
  description: string
  input: z.ZodType
}

export interface ToolCall {
  id: string
  name: string
  /** As the model gave it: parse it with the tool's own schema. */
  input: unknown
}

export type StopReason =
  | 'end'
  | 'max-tokens'
  | 'tool-use'
  | 'stop-sequence'
  | 'content-filtered'
  | 'guardrail'
  | 'context-exceeded'
  | 'malformed'
  | 'other'

/** Tokens. `inputTokens` excludes what was read from or written to the prompt cache. */
export interface Usage {
  inputTokens: number
  outputTokens: number
  cacheReadTokens: number
  cacheWriteTokens: number
}

export interface Spent {
  usage: Usage
  /** Null when no price is known, never 0 for that reason; a warning then says so. */
  costUsd: number | null
  /** The id that answered, which need not be the one asked for. */
  model: string
  provider: string
  /** What was dropped, replaced or is not known, in sentences. */
  warnings: string[]
}

export interface Answer<T = undefined> extends Spent {
  text: string
  /** Present exactly when the request had a schema. */
  json: T
  toolCalls: ToolCall[]
  stopReason: StopReason
}

export type StreamEvent<T = undefined> =
  { type: 'text'; text: string } | { type: 'tool-call'; call: ToolCall } | { type: 'end'; answer: Answer<T> }

export interface EmbedRequest {
  feature?: string | undefined
  model?: string | undefined
  texts: string[]
  /** Some models embed a stored text and a question about it differently. */
  purpose: 'document' | 'query'
}

export interface Embeddings extends Spent {
  vectors: Float32Array[]
  space: EmbeddingSpace
}

/** Width of every vector that leaves this package, whatever the model's own. */
export const EMBEDDING_DIMENSIONS = 768

/** Vectors may be compared only within one space: equal `id`. */
export interface EmbeddingSpace {
  id: string
  provider: string
  model: string
  dimensions: typeof EMBEDDING_DIMENSIONS
  /** What the model gave before zeros were added. */
  sourceDimensions: number
  version: string
}
