import { createHash } from 'node:crypto'
import { findFakeModel, OllamaRefusal, tokensIn } from './fake-ollama-bodies.ts'
import type { FakeChat, FakeEmbed } from './fake-ollama-bodies.ts'

/** What the fake model says; every part has a plain default. */
export interface FakeOllamaAnswer {
  /** A list is the pieces of a stream, each a token. */
  text?: string | string[]
  thinking?: string
  /** They come before the last piece of text. */
  toolCalls?: { id?: string; name: string; arguments: object }[]
  doneReason?: string
  /** The counts are left out, as some versions do. */
  withoutCounts?: boolean
  pieceDelayMs?: number
}

const DEFAULT_TEXT = ['This is ', 'a fake ', 'answer.']
const SECOND_NS = 1_000_000_000

interface FakeMessage {
  role: string
  content: string
  thinking?: string
  tool_calls?: object[]
}

interface FakeChunk {
  model: string
  message: FakeMessage
  done: boolean
  [field: string]: unknown
}

/** The objects of an answer's lines in Ollama's order. @throws OllamaRefusal for a question that is too long */
export function chatChunks(body: FakeChat, answer: FakeOllamaAnswer, cutsAnyway: boolean): FakeChunk[] {
  const { model, options, messages } = body
  const context = Math.min(options.num_ctx ?? 4_096, findFakeModel(model).contextTokens)
  const read = readTokens(body, context, cutsAnyway)
  if (messages.length === 0) return [{ ...head(model), message: said({}), done: true, done_reason: 'load' }]
  const pieces = [answer.text ?? DEFAULT_TEXT].flat()
  const room = Math.min(allowed(options.num_predict), context - read)
  const shown = pieces.slice(0, room)
  const chunks: FakeChunk[] = answer.thinking
    ? [{ ...head(model), message: said({ thinking: answer.thinking }), done: false }]
    : []
  const calls = (answer.toolCalls ?? []).map(({ id, name, arguments: input }, index) => ({
    ...(id === undefined ? {} : { id }),
    function: { index, name, arguments: input },
  }))
  shown.forEach((content, i) => {
    if (calls.length > 0 && i === shown.length - 1) {
      chunks.push({ ...head(model), message: said({ tool_calls: calls }), done: false })
    }
    chunks.push({ ...head(model), message: said({ content }), done: false })
  })
  chunks.push({
    ...head(model),
    message: said({}),
    done: true,
    done_reason: answer.doneReason ?? (shown.length < pieces.length ? 'length' : 'stop'),
    total_duration: 3 * SECOND_NS,
    load_duration: SECOND_NS,
    ...(answer.withoutCounts ? {} : counts(read, shown.length)),
  })
  return chunks
}

/** One object for a caller that wants no stream. */
export function wholeChat(chunks: FakeChunk[]): object {
  const messages = chunks.map(({ message }) => message)
  const thinking = messages.map((message) => message.thinking ?? '').join('')
  const calls = messages.flatMap((message) => message.tool_calls ?? [])
  const message = said({
    content: messages.map(({ content }) => content).join(''),
    ...(thinking === '' ? {} : { thinking }),
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  })
  return { ...chunks.at(-1), message }
}

/** A token is four characters. Of a question that is too long the oldest messages are dropped, unless that is refused. */
function readTokens({ messages, truncate }: FakeChat, context: number, cutsAnyway: boolean): number {
  const lengths = messages.map((message) => tokensIn(message.content))
  let read = lengths.reduce((sum, length) => sum + length, 0)
  if (read < context) return read
  if (!truncate && !cutsAnyway) {
    throw new OllamaRefusal(400, 'the prompt is longer than the context length currently available to the model')
  }
  for (const length of lengths.slice(0, -1)) if (read >= context) read -= length
  return Math.min(read, context)
}

/** The vectors are of length 1, as Ollama gives them. @throws OllamaRefusal for a text that is too long */
export function embedAnswer({ model, input, truncate, dimensions }: FakeEmbed): object {
  const { dimensions: width, contextTokens } = findFakeModel(model)
  if (!width) throw new OllamaRefusal(400, `"${model}" does not support embed`)
  const texts = [input].flat()
  if (!truncate && texts.some((text) => tokensIn(text) > contextTokens)) {
    throw new OllamaRefusal(400, 'the input length exceeds the context length')
  }
  return {
    model,
    embeddings: texts.map((text) => unit(numbersOf(text, width).slice(0, dimensions))),
    total_duration: SECOND_NS,
    load_duration: SECOND_NS,
    prompt_eval_count: texts.reduce((sum, text) => sum + Math.min(tokensIn(text), contextTokens), 0),
  }
}

/** Numbers that depend on the text alone. */
const numbersOf = (text: string, width: number): number[] =>
  Array.from(createHash('shake256', { outputLength: width }).update(text).digest(), (byte) => byte - 127.5)

function unit(numbers: number[]): number[] {
  const length = Math.hypot(...numbers)
  return numbers.map((number) => number / length)
}

const head = (model: string) => ({ model, created_at: '2026-11-21T00:00:00.000000000Z' })
const said = (more: Partial<FakeMessage>): FakeMessage => ({ role: 'assistant', content: '', ...more })
const counts = (read: number, written: number) => ({
  prompt_eval_count: read,
  prompt_eval_duration: SECOND_NS,
  eval_count: written,
  eval_duration: SECOND_NS,
})
const allowed = (most: number | undefined): number => (most === undefined || most < 0 ? Infinity : most)
