import type { StopReason } from '../llm.ts'

const WORDS: Record<string, StopReason> = {
  end_turn: 'end',
  tool_use: 'tool-use',
  max_tokens: 'max-tokens',
  stop_sequence: 'stop-sequence',
  guardrail_intervened: 'guardrail',
  content_filtered: 'content-filtered',
  malformed_model_output: 'malformed',
  malformed_tool_use: 'malformed',
  model_context_window_exceeded: 'context-exceeded',
}

/** Bedrock's word for why a model stopped, in ours; a word that is not known is `other`. */
export const toStopReason = (word: string | undefined): StopReason =>
  word !== undefined && Object.hasOwn(WORDS, word) ? WORDS[word]! : 'other'
