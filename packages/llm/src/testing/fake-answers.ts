import { eventFrame } from './event-stream.ts'

/** What the fake model says; every part has a plain default. */
export interface FakeAnswer {
  /** A list is the pieces of a stream. */
  text?: string | string[]
  toolUse?: { toolUseId: string; name: string; input: unknown }
  /** Thinking that stands before the answer, as newer models give it. */
  reasoning?: string
  /** Thinking that the vendor encrypted, in base64. */
  redacted?: string
  stopReason?: string
  /** `by-length`: a token for every four characters of the request and of the answer. */
  usage?: FakeUsage | 'by-length'
  /** Between two frames of a stream. */
  frameDelayMs?: number
}

export interface FakeUsage {
  inputTokens: number
  outputTokens: number
  totalTokens: number
  cacheReadInputTokens?: number
  cacheWriteInputTokens?: number
  cacheDetails?: { ttl: '5m' | '1h'; inputTokens: number }[]
}

export const FAKE_USAGE: FakeUsage = { inputTokens: 1_000, outputTokens: 200, totalTokens: 1_200 }
const DEFAULT_TEXT = ['This is ', 'a fake ', 'answer.']
const CHARACTERS_PER_TOKEN = 4

const tokensOf = (characters: number): number => Math.ceil(characters / CHARACTERS_PER_TOKEN)

const piecesOf = ({ text, toolUse }: FakeAnswer): string[] =>
  text === undefined && toolUse ? [] : [text ?? DEFAULT_TEXT].flat()

const stopReasonOf = ({ stopReason, toolUse }: FakeAnswer): string => stopReason ?? (toolUse ? 'tool_use' : 'end_turn')

/** What the whole answer is billed for, when its request has so many characters. */
export function usageOf(answer: FakeAnswer, requestCharacters: number): FakeUsage {
  const { usage = FAKE_USAGE } = answer
  if (usage !== 'by-length') return usage
  const said = [...piecesOf(answer), answer.reasoning ?? '', answer.toolUse ? JSON.stringify(answer.toolUse.input) : '']
  const inputTokens = tokensOf(requestCharacters)
  const outputTokens = tokensOf(said.join('').length)
  return { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens }
}

/** The body of Converse's answer. */
export function converseAnswer(answer: FakeAnswer, usage: FakeUsage): unknown {
  const { toolUse, reasoning, redacted } = answer
  const pieces = piecesOf(answer)
  const content = [
    ...(reasoning ? [{ reasoningContent: { reasoningText: { text: reasoning, signature: 's' } } }] : []),
    ...(redacted ? [{ reasoningContent: { redactedContent: redacted } }] : []),
    ...(pieces.length > 0 ? [{ text: pieces.join('') }] : []),
    ...(toolUse ? [{ toolUse }] : []),
  ]
  const output = { message: { role: 'assistant', content } }
  return { output, stopReason: stopReasonOf(answer), usage, metrics: { latencyMs: 12 } }
}

/** The frames of ConverseStream in AWS's order: text blocks have no start, payloads carry the padding `p`. */
export function streamFrames(answer: FakeAnswer, usage: FakeUsage, toolInput?: string): Buffer[] {
  const { toolUse, reasoning, redacted } = answer
  const frames = [eventFrame('messageStart', { role: 'assistant', p: 'abc' })]
  let contentBlockIndex = 0
  const block = (deltas: unknown[], start?: unknown) => {
    if (start) frames.push(eventFrame('contentBlockStart', { start, contentBlockIndex, p: 'ab' }))
    for (const delta of deltas) frames.push(eventFrame('contentBlockDelta', { delta, contentBlockIndex, p: 'abcde' }))
    frames.push(eventFrame('contentBlockStop', { contentBlockIndex, p: 'a' }))
    contentBlockIndex++
  }
  if (reasoning) block([{ reasoningContent: { text: reasoning } }, { reasoningContent: { signature: 's' } }])
  if (redacted) block([{ reasoningContent: { redactedContent: redacted } }])
  const pieces = piecesOf(answer)
  if (pieces.length > 0) block(pieces.map((text) => ({ text })))
  if (toolUse) {
    const { toolUseId, name, input } = toolUse
    const json = toolInput ?? JSON.stringify(input)
    const half = json.length >> 1
    block(
      ['', json.slice(0, half), json.slice(half)].map((piece) => ({ toolUse: { input: piece } })),
      { toolUse: { toolUseId, name } },
    )
  }
  frames.push(eventFrame('messageStop', { stopReason: stopReasonOf(answer), p: 'abcd' }))
  frames.push(eventFrame('metadata', { usage, metrics: { latencyMs: 12 }, p: 'ab' }))
  return frames
}
