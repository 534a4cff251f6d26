import type { TextRequest } from './llm.ts'
import { jsonSchemaOf } from './structured.ts'

/** No tokenizer of the newer vendors is public; English text has about four characters for a token. */
const CHARACTERS_PER_TOKEN = 4
/** What the vendors bill for one picture of usual size. */
const TOKENS_PER_IMAGE = 1_600

export const estimateTokens = (text: string): number => Math.ceil(text.length / CHARACTERS_PER_TOKEN)

/** Input tokens of a request by its length alone. */
export function estimateRequestTokens(request: TextRequest<unknown>): number {
  let tokens = estimateTokens(request.system ?? '')
  for (const part of request.messages.flatMap((message) => message.content)) {
    if (part.type === 'text' || part.type === 'toolResult') tokens += estimateTokens(part.text)
    else if (part.type === 'image') tokens += TOKENS_PER_IMAGE
    else if (part.type === 'document') tokens += Math.ceil(part.bytes.length / CHARACTERS_PER_TOKEN)
    else tokens += estimateTokens(JSON.stringify(part.input))
  }
  for (const tool of request.tools ?? []) {
    tokens += estimateTokens(tool.name + tool.description + JSON.stringify(jsonSchemaOf(tool.input)))
  }
  if (request.schema) tokens += estimateTokens(JSON.stringify(jsonSchemaOf(request.schema)))
  return tokens
}
