import type { Reply } from '../provider.ts'

/** Answers given before, by the hash of everything that they depend on. */
export interface AnswerCache {
  find(key: string): Promise<KeptAnswer | undefined>
  keep(key: string, answer: KeptAnswer, ttlMs: number): Promise<void>
}

/** JSON all through. */
export interface KeptAnswer {
  reply: Reply
  model: string
  provider: string
}
