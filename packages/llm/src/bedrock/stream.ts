import type { ConverseStreamOutput } from '@aws-sdk/client-bedrock-runtime'
import { LlmAnswerInvalid, LlmTruncatedStream } from '../errors.ts'
import type { ToolCall } from '../llm.ts'
import type { Given } from './answer.ts'
import { ANSWER_TOOL } from './request.ts'

export type Piece =
  { type: 'text'; text: string } | { type: 'tool-call'; call: ToolCall } | { type: 'given'; given: Given }

/** A tool call whose input is still coming in pieces of JSON text. */
interface OpenCall {
  id: string
  name: string
  json: string
}

/**
 * The frames of ConverseStream as pieces; the last one is the whole. Frames of our own answer tool are text.
 * @throws LlmTruncatedStream when the stream ends without `messageStop`, which the SDK lets pass.
 */
export async function* readFrames(frames: AsyncIterable<ConverseStreamOutput>, modelId: string): AsyncGenerator<Piece> {
  const given: Given = { text: '', toolCalls: [], stopReason: undefined, usage: undefined }
  const open = new Map<number, OpenCall>()
  for await (const frame of frames) {
    const { contentBlockStart, contentBlockDelta, contentBlockStop, messageStop, metadata } = frame
    if (contentBlockStart?.start?.toolUse) {
      const { toolUseId, name } = contentBlockStart.start.toolUse
      open.set(contentBlockStart.contentBlockIndex ?? 0, { id: toolUseId ?? '', name: name ?? '', json: '' })
    } else if (contentBlockDelta) {
      const call = open.get(contentBlockDelta.contentBlockIndex ?? 0)
      const piece = contentBlockDelta.delta?.toolUse?.input
      if (call && piece !== undefined) call.json += piece
      const text = contentBlockDelta.delta?.text ?? (call?.name === ANSWER_TOOL ? piece : undefined)
      if (contentBlockDelta.delta?.text !== undefined) given.text += contentBlockDelta.delta.text
      if (text) yield { type: 'text', text }
    } else if (contentBlockStop) {
      const index = contentBlockStop.contentBlockIndex ?? 0
      const opened = open.get(index)
      if (!opened) continue
      open.delete(index)
      const call = { id: opened.id, name: opened.name, input: parseInput(opened, modelId) }
      given.toolCalls.push(call)
      if (call.name !== ANSWER_TOOL) yield { type: 'tool-call', call }
    } else if (messageStop) given.stopReason = messageStop.stopReason
    else if (metadata) given.usage = metadata.usage
  }
  if (given.stopReason === undefined) {
    throw new LlmTruncatedStream(
      `${modelId}: the stream ended after ${given.text.length} characters without messageStop.`,
    )
  }
  yield { type: 'given', given }
}

/** A tool without parameters is called with no input at all. */
function parseInput({ name, json }: OpenCall, modelId: string): unknown {
  if (json === '') return {}
  try {
    return JSON.parse(json)
  } catch (cause) {
    throw new LlmAnswerInvalid(`${modelId}: the input for the tool ${name} is not JSON (${json.length} characters).`, {
      cause,
    })
  }
}
