import type { ContentBlock, Message as BedrockMessage } from '@aws-sdk/client-bedrock-runtime'
import { LlmRefusedRequest } from '../errors.ts'
import type { Message, Part } from '../llm.ts'

type DocumentType = NonNullable<NonNullable<ContentBlock.ToolUseMember['toolUse']>['input']>

/**
 * Our messages as Converse wants them: roles alternate (neighbours of one role are joined), the first is the user's, no text is blank.
 * @throws LlmRefusedRequest when nothing is left or the assistant speaks first.
 */
export function toBedrockMessages(messages: Message[]): BedrockMessage[] {
  const joined: (BedrockMessage & { content: ContentBlock[] })[] = []
  let documents = 0
  for (const { role, content } of messages) {
    const blocks = content
      .filter((part) => part.type !== 'text' || part.text.trim() !== '')
      .map((part) => toBlock(part, () => ++documents))
    const last = joined.at(-1)
    if (blocks.length === 0) continue
    if (last?.role === role) last.content.push(...blocks)
    else joined.push({ role, content: blocks })
  }
  if (joined[0]?.role !== 'user') {
    throw new LlmRefusedRequest('A conversation begins with a message of the user that is not blank.')
  }
  return joined
}

function toBlock(part: Part, countDocument: () => number): ContentBlock {
  switch (part.type) {
    case 'text':
      return { text: part.text }
    case 'image':
      return { image: { format: part.format, source: { bytes: part.bytes } } }
    case 'document':
      // The vendor asks for neutral names, because a model may take a name for an order.
      return { document: { format: part.format, name: `document-${countDocument()}`, source: { bytes: part.bytes } } }
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
