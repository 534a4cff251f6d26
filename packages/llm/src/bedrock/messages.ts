import type { ContentBlock, Message as BedrockMessage } from '@aws-sdk/client-bedrock-runtime'
import type { TextModel } from '../catalogue.ts'
import { LlmRefusedRequest } from '../errors.ts'
import type { Message, Part } from '../llm.ts'
import type { PlaceCachePoint } from './cache-points.ts'

type DocumentType = NonNullable<NonNullable<ContentBlock.ToolUseMember['toolUse']>['input']>

interface Conversation {
  model: TextModel | undefined
  place: PlaceCachePoint
}

/**
 * Our messages as Converse wants them: roles alternate (neighbours of one role are joined), the first is the user's, no text is
 * blank. Thoughts go to models that think, and only signed ones: to others they mean nothing.
 * @throws LlmRefusedRequest when nothing is left, when the assistant speaks first, and for parts that the model does not take.
 */
export function toBedrockMessages(messages: Message[], { model, place }: Conversation): BedrockMessage[] {
  const joined: (BedrockMessage & { content: ContentBlock[] })[] = []
  let documents = 0
  for (const { role, content } of messages) {
    const last = joined.at(-1)
    const blocks = last?.role === role ? last.content : []
    for (const part of content) {
      refuseUnknown(part, model)
      // A point stands after something.
      if (part.type === 'cachePoint') blocks.push(...(blocks.length > 0 ? place(part.ttl, 'messages') : []))
      else if (isWorthSending(part, model)) blocks.push(toBlock(part, () => ++documents))
    }
    if (blocks !== last?.content && blocks.length > 0) joined.push({ role, content: blocks })
  }
  if (joined[0]?.role !== 'user') {
    throw new LlmRefusedRequest('A conversation begins with a message of the user that is not blank.')
  }
  if (joined.some(({ content }) => content.some((block) => block.document) && !content.some((block) => block.text))) {
    throw new LlmRefusedRequest('A document must come with a text in the same message that says what to do with it.')
  }
  return joined
}

function isWorthSending(part: Part, model: TextModel | undefined): boolean {
  if (part.type === 'text') return part.text.trim() !== ''
  if (part.type !== 'thinking') return true
  return model?.capabilities.thinking === 'effort' && (part.signature !== undefined || part.redacted !== undefined)
}

function refuseUnknown({ type }: Part, model: TextModel | undefined): void {
  const { images, documents, tools } = model?.capabilities ?? { images: true, documents: true, tools: true }
  const refused =
    (type === 'image' && !images && 'pictures') ||
    (type === 'document' && !documents && 'documents') ||
    ((type === 'toolUse' || type === 'toolResult') && !tools && 'tools')
  if (refused) throw new LlmRefusedRequest(`${model?.name} takes no ${refused}.`)
}

function toBlock(part: Exclude<Part, { type: 'cachePoint' }>, countDocument: () => number): ContentBlock {
  switch (part.type) {
    case 'text':
      return { text: part.text }
    case 'image':
      return { image: { format: part.format, source: { bytes: part.bytes } } }
    case 'document':
      // The vendor asks for neutral names, because a model may take a name for an order.
      return { document: { format: part.format, name: `document-${countDocument()}`, source: { bytes: part.bytes } } }
    case 'thinking':
      return part.redacted
        ? { reasoningContent: { redactedContent: part.redacted } }
        : { reasoningContent: { reasoningText: { text: part.text, signature: part.signature } } }
    case 'toolUse':
      return { toolUse: { toolUseId: part.id, name: part.name, input: part.input as DocumentType } }
    case 'toolResult':
      return {
        toolResult: {
          toolUseId: part.toolUseId,
          content: [{ text: part.text }],
          ...(part.failed === undefined ? {} : { status: part.failed ? 'error' : 'success' }),
        },
      }
  }
}
