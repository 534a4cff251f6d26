import type { z } from 'zod'

/** The one door to every model. What answers is chosen once, in a `main.ts`; callers see only this. */
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
  /** Input tokens of the request: exact where the vendor counts, otherwise a cautious estimate that says so. */
  countTokens(request: TextRequest<unknown>, options?: CallOptions): Promise<TokenCount>
}

export interface CallOptions {
  signal?: AbortSignal | undefined
  /** Who asks, for budgets of one user. */
  accountId?: string | undefined
  /** Ask the model although the same question was answered before. */
  fresh?: boolean | undefined
}

export interface TextRequest<T = undefined> {
  /** What the call is for, such as `article.summary`; money is counted by it. */
  feature: string
  /** A catalogue id, an alias, an inference profile, an ARN, or `provider/model`; the operator's choice when absent. */
  model?: string | undefined
  system?: string | undefined
  messages: Message[]
  /** Always sent, because vendors reserve it against the quota: the model's default when absent. */
  maxTokens?: number | undefined
  temperature?: number | undefined
  topP?: number | undefined
  topK?: number | undefined
  stopSequences?: string[] | undefined
  tools?: Tool[] | undefined
  /** `auto` when absent. */
  toolChoice?: 'auto' | 'required' | { tool: string } | undefined
  /** The answer must be JSON of this shape; `fromJsonSchema` makes one of a JSON Schema document. */
  schema?: z.ZodType<T> | undefined
  /** How much the model thinks first; its own habit when absent. */
  thinking?: 'off' | 'low' | 'medium' | 'high' | undefined
  /** Prompt-cache points after the system text and after the tools; in messages they are parts. */
  cachePoints?: { system?: CacheTtl | undefined; tools?: CacheTtl | undefined } | undefined
  tier?: ServiceTier | undefined
  promptVersion?: string | undefined
}

export type CacheTtl = '5m' | '1h'
/** `flex` is cheaper and may wait; `priority` is dearer. */
export type ServiceTier = 'standard' | 'flex' | 'priority'

export interface Message {
  role: 'user' | 'assistant'
  content: Part[]
}

export type Part = TextPart | ImagePart | DocumentPart | ThinkingPart | ToolUsePart | ToolResultPart | CachePointPart

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

/** What the model thought; some want it back, signed, together with the results of their tools. */
export interface ThinkingPart {
  type: 'thinking'
  text: string
  signature?: string | undefined
  /** Thoughts that the vendor encrypted, as they came. */
  redacted?: Uint8Array | undefined
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

/** Everything before this may be read from the vendor's prompt cache next time. */
export interface CachePointPart {
  type: 'cachePoint'
  ttl: CacheTtl
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
  /** The part of `cacheWriteTokens` that is kept for an hour, which costs more. */
  cacheWrite1hTokens?: number | undefined
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
  /** What the model thought before it answered, as far as it shows it. */
  thinking: string
  /** Present exactly when the request had a schema. */
  json: T
  toolCalls: ToolCall[]
  stopReason: StopReason
  /** The answer as it goes into the conversation again. */
  message: Message
  /** The answer was given before and cost nothing this time. */
  cached: boolean
}

export type StreamEvent<T = undefined> =
  | { type: 'text'; text: string }
  | { type: 'thinking'; text: string }
  | { type: 'tool-call'; call: ToolCall }
  | { type: 'end'; answer: Answer<T> }

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

export interface TokenCount {
  tokens: number
  /** By length alone, because the vendor does not count for this model. */
  estimated: boolean
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
