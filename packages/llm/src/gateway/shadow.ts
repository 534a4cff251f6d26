import type { Usage } from '../llm.ts'

/** One request answered by two models, for a comparison before a move. */
export interface ShadowPair {
  id: string
  feature: string
  promptVersion: string | null
  /** SHA-256 of the request. */
  requestHash: string
  askedAt: Date
  first: ShadowSide
  second: ShadowSide
}

export interface ShadowSide {
  provider: string
  model: string
  /** Null when it failed. */
  text: string | null
  /** The name and message of what it failed with. */
  error: string | null
  /** Whether the answer had the shape that was asked for; null when none was. */
  validJson: boolean | null
  tookMs: number
  firstPieceMs: number | null
  usage: Usage | null
  costUsd: number | null
}

export interface ShadowStore {
  keep(pair: ShadowPair): Promise<void>
}
