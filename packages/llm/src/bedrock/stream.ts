import type { ContentBlockDeltaEvent, ConverseStreamOutput } from '@aws-sdk/client-bedrock-runtime'
import { LlmAnswerInvalid, LlmTruncatedStream } from '../errors.ts'
import type { Part, Usage } from '../llm.ts'
import type { Piece } from '../provider.ts'
import { thinkingPart, toReply, toUsage } from './reply.ts'
import { ANSWER_TOOL } from './request.ts'

/** One part of the answer, while it comes. */
interface Block {
  text: string
  thinking?: string
  signature?: string
  redacted?: Uint8Array[]
  /** Its input is `text`: JSON in pieces. */
  tool?: { id: string; name: string }
}

export interface FrameReader {
  /** What the caller may see of a frame at once. */
  read(frame: ConverseStreamOutput): Piece | undefined
  /**
   * The whole reply, after the last frame.
   * @throws LlmTruncatedStream when there was no `messageStop`, which the SDK lets pass
   * @throws LlmAnswerInvalid for a tool call whose input is no JSON: only now the usage is known
   */
  end(): Piece
}

/** The frames of ConverseStream as pieces. Frames of our own answer tool are text. */
export function createFrameReader(modelId: string, warnings: string[]): FrameReader {
  const blocks = new Map<number, Block>()
  let stopReason: string | undefined
  let usage: Usage | undefined

  function blockAt(index = 0): Block {
    const known = blocks.get(index)
    if (known) return known
    const block: Block = { text: '' }
    blocks.set(index, block)
    return block
  }

  return {
    read({ contentBlockDelta, contentBlockStart, contentBlockStop, messageStop, metadata }) {
      if (contentBlockDelta) return addDelta(blockAt(contentBlockDelta.contentBlockIndex), contentBlockDelta)
      if (contentBlockStart?.start?.toolUse) {
        const { toolUseId, name } = contentBlockStart.start.toolUse
        blockAt(contentBlockStart.contentBlockIndex).tool = { id: toolUseId ?? '', name: name ?? '' }
      } else if (contentBlockStop) return callOf(toPart(blockAt(contentBlockStop.contentBlockIndex)))
      else if (messageStop) stopReason = messageStop.stopReason
      else if (metadata) usage = toUsage(metadata.usage)
      return undefined
    },
    end() {
      if (stopReason === undefined) {
        throw new LlmTruncatedStream(`${modelId}: the stream ended without messageStop, in part ${blocks.size}.`)
      }
      const whole = [...blocks].toSorted(([a], [b]) => a - b).map(([, block]) => ({ block, part: toPart(block) }))
      const broken = whole.find(({ part }) => part === undefined)?.block
      if (broken) {
        const about = `the input for the tool ${broken.tool?.name} is not JSON (${broken.text.length} characters)`
        throw new LlmAnswerInvalid(`${modelId}: ${about}; it stopped with "${stopReason}".`, {
          spent: usage ?? 'unknown',
        })
      }
      const parts = whole.flatMap(({ part }) => (part && !(part.type === 'text' && part.text === '') ? part : []))
      return { type: 'reply', reply: toReply(parts, stopReason, usage, warnings) }
    },
  }
}

function addDelta(block: Block, { delta }: ContentBlockDeltaEvent): Piece | undefined {
  const text = delta?.text ?? delta?.toolUse?.input
  if (text !== undefined) {
    block.text += text
    return text !== '' && (!block.tool || block.tool.name === ANSWER_TOOL) ? { type: 'text', text } : undefined
  }
  const { text: thought, signature, redactedContent } = delta?.reasoningContent ?? {}
  if (signature !== undefined) block.signature = (block.signature ?? '') + signature
  if (redactedContent) (block.redacted ??= []).push(redactedContent)
  if (thought !== undefined || signature !== undefined || redactedContent) {
    block.thinking = (block.thinking ?? '') + (thought ?? '')
  }
  return thought ? { type: 'thinking', text: thought } : undefined
}

/** Undefined for a tool call whose input is not JSON. */
function toPart({ text, thinking, signature, redacted, tool }: Block): Part | undefined {
  if (thinking !== undefined) return thinkingPart(thinking, signature, redacted && Buffer.concat(redacted))
  if (!tool || tool.name === ANSWER_TOOL) return { type: 'text', text }
  try {
    // A tool without parameters is called with no input at all.
    return { type: 'toolUse', ...tool, input: text === '' ? {} : JSON.parse(text) }
  } catch {
    return undefined
  }
}

const callOf = (part: Part | undefined): Piece | undefined =>
  part?.type === 'toolUse'
    ? { type: 'tool-call', call: { id: part.id, name: part.name, input: part.input } }
    : undefined
