import type { EmbedRequest } from '../../llm.ts'

/** How one family of models is asked for vectors through InvokeModel. */
export interface EmbeddingFamily {
  textsPerCall: number
  /** The longest text; null where the vendor limits tokens alone, and then refuses what is too long. */
  maxCharacters: number | null
  /** Numbers in a vector as the model gives it. */
  dimensions: number
  /** The body of InvokeModel. Every family is told to refuse what it would have to cut. */
  toBody(texts: string[], purpose: EmbedRequest['purpose']): unknown
  /** @throws Error when the body has another shape */
  read(body: unknown): FamilyAnswer
}

export interface FamilyAnswer {
  vectors: number[][]
  /** Undefined where the body does not say it. */
  inputTokens: number | undefined
}
