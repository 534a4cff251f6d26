import type { Model, Scope } from './catalogue.ts'
import type {
  EmbeddingSpace,
  EmbedRequest,
  Message,
  StopReason,
  TextRequest,
  TokenCount,
  ToolCall,
  Usage,
} from './llm.ts'

/** One vendor's engine: a single attempt each time. Retries, limits, money and fallbacks are the gateway's. */
export interface Provider {
  readonly name: string
  /** The model behind a name, or the provider's own choice. @throws LlmModelNotFound */
  resolve(name: string | undefined, kind: Model['kind']): Target
  /** @throws LlmError, whose `spent` says what the vendor may bill; LlmRefusedRequest before anything is sent. */
  complete(request: TextRequest<unknown>, target: Target, attempt: Attempt): Promise<Reply>
  /** The last piece is the whole reply; without it the stream was cut. Idle time is limited here. */
  stream(request: TextRequest<unknown>, target: Target, attempt: Attempt): AsyncIterable<Piece>
  /** One vendor call, for at most `textsPerCall(target)` texts that are not blank. */
  embed(request: EmbedRequest, target: Target, attempt: Attempt): Promise<EmbedReply>
  textsPerCall(target: Target): number
  countTokens(request: TextRequest<unknown>, target: Target, attempt: Attempt): Promise<TokenCount>
  close(): void
}

export interface Target {
  provider: string
  /** What the vendor is sent. */
  id: string
  /** Its entry in the catalogue, if it has one. */
  model: Model | undefined
  scope: Scope
  warnings: string[]
  /** Nothing is ever billed for it: it runs here. */
  free?: boolean | undefined
}

export interface Attempt {
  /** Names the attempt in the ledger and, where the vendor takes it, in the vendor's own log. */
  callId: string
  signal?: AbortSignal | undefined
}

export interface Reply {
  message: Message
  stopReason: StopReason
  /** Undefined when the vendor did not say. */
  usage: Usage | undefined
  warnings: string[]
}

export type Piece =
  | { type: 'text'; text: string }
  | { type: 'thinking'; text: string }
  | { type: 'tool-call'; call: ToolCall }
  | { type: 'reply'; reply: Reply }

export interface EmbedReply {
  vectors: Float32Array[]
  space: EmbeddingSpace
  usage: Usage | undefined
  warnings: string[]
}

export const NO_USAGE: Usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 }
