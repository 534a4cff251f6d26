import { createHash } from 'node:crypto'
import { eventFrame } from './event-stream.ts'
import type { TitanBody } from './request-bodies.ts'

/** What the fake model says; every part has a plain default. */
export interface FakeAnswer {
  /** A list is the pieces of a stream. */
  text?: string | string[]
  toolUse?: { toolUseId: string; name: string; input: unknown }
  /** Thinking that stands before the answer, as newer models give it. */
  reasoning?: string
  stopReason?: string
  usage?: FakeUsage
  /** Between two frames of a stream. */
  frameDelayMs?: number
}

export interface FakeUsage {
  inputTokens: number
  outputTokens: number
  totalTokens: number
  cacheReadInputTokens?: number
  cacheWriteInputTokens?: number
}

export const FAKE_USAGE: FakeUsage = { inputTokens: 1_000, outputTokens: 200, totalTokens: 1_200 }
const DEFAULT_TEXT = ['This is ', 'a fake ', 'answer.']

const stopReasonOf = ({ stopReason, toolUse }: FakeAnswer): string => stopReason ?? (toolUse ? 'tool_use' : 'end_turn')

/** The body of Converse's answer. */
export function converseAnswer(answer: FakeAnswer): unknown {
  const { toolUse, reasoning, usage = FAKE_USAGE } = answer
  const content: unknown[] = reasoning
    ? [{ reasoningContent: { reasoningText: { text: reasoning, signature: 's' } } }]
    : []
  if (!toolUse || answer.text !== undefined) content.push({ text: [answer.text ?? DEFAULT_TEXT].flat().join('') })
  if (toolUse) content.push({ toolUse })
  const output = { message: { role: 'assistant', content } }
  return { output, stopReason: stopReasonOf(answer), usage, metrics: { latencyMs: 12 } }
}

/** The frames of ConverseStream in AWS's order: text blocks have no start, payloads carry the padding `p`. */
export function streamFrames(answer: FakeAnswer): Buffer[] {
  const { toolUse, reasoning, usage = FAKE_USAGE } = answer
  const frames = [eventFrame('messageStart', { role: 'assistant', p: 'abc' })]
  let contentBlockIndex = 0
  const block = (deltas: unknown[], start?: unknown) => {
    if (start) frames.push(eventFrame('contentBlockStart', { start, contentBlockIndex, p: 'ab' }))
    for (const delta of deltas) frames.push(eventFrame('contentBlockDelta', { delta, contentBlockIndex, p: 'abcde' }))
    frames.push(eventFrame('contentBlockStop', { contentBlockIndex, p: 'a' }))
    contentBlockIndex++
  }
  if (reasoning) block([{ reasoningContent: { text: reasoning } }, { reasoningContent: { signature: 's' } }])
  if (!toolUse || answer.text !== undefined) block([answer.text ?? DEFAULT_TEXT].flat().map((text) => ({ text })))
  if (toolUse) {
    const { toolUseId, name, input } = toolUse
    const json = JSON.stringify(input)
    const half = json.length >> 1
    const pieces = ['', json.slice(0, half), json.slice(half)]
    block(
      pieces.map((piece) => ({ toolUse: { input: piece } })),
      { toolUse: { toolUseId, name } },
    )
  }
  frames.push(eventFrame('messageStop', { stopReason: stopReasonOf(answer), p: 'abcd' }))
  frames.push(eventFrame('metadata', { usage, metrics: { latencyMs: 12 }, p: 'ab' }))
  return frames
}

/** Numbers of length 1 that depend on the text alone. */
export function embeddingOf({ inputText, dimensions, normalize }: TitanBody): number[] {
  const bytes = createHash('shake256', { outputLength: dimensions }).update(inputText).digest()
  const numbers = Array.from(bytes, (byte) => byte - 127.5)
  const length = normalize ? Math.hypot(...numbers) : 1
  return numbers.map((number) => number / length)
}
