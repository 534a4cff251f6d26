import type { TextRequest } from './llm.ts'
import { jsonSchemaOf } from './structured.ts'

/** No tokenizer of the newer vendors is public; English text has about four characters for a token. */
const CHARACTERS_PER_TOKEN = 4
/** Hashes, code and scripts without spaces take more; hardly anything takes more than one token for two bytes. */
const BYTES_PER_TOKEN_AT_WORST = 2
/** What the vendors bill for one picture of usual size, and what they add around a message or a tool. */
const TOKENS_PER_IMAGE = 1_600
const TOKENS_AROUND_PART = 32

export const estimateTokens = (text: string): number => Math.ceil(text.length / CHARACTERS_PER_TOKEN)

/** A cautious upper bound, for money that is set aside. */
export const mostTokens = (text: string): number => Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN_AT_WORST)

/** Input tokens of a request by its length alone. */
export const estimateRequestTokens = (request: TextRequest<unknown>): number =>
  sum(request, estimateTokens, CHARACTERS_PER_TOKEN, 0)

/** A cautious upper bound of them. */
export const mostRequestTokens = (request: TextRequest<unknown>): number =>
  sum(request, mostTokens, BYTES_PER_TOKEN_AT_WORST, TOKENS_AROUND_PART)

function sum(
  request: TextRequest<unknown>,
  ofText: (text: string) => number,
  bytesPerToken: number,
  around: number,
): number {
  let tokens = ofText(request.system ?? '') + around
  for (const part of request.messages.flatMap((message) => message.content)) {
    tokens += around
    if (part.type === 'text' || part.type === 'toolResult' || part.type === 'thinking') tokens += ofText(part.text)
    else if (part.type === 'image') tokens += TOKENS_PER_IMAGE
    else if (part.type === 'document') tokens += Math.ceil(part.bytes.length / bytesPerToken)
    else if (part.type === 'toolUse') tokens += ofText(JSON.stringify(part.input))
  }
  for (const tool of request.tools ?? []) {
    tokens += ofText(tool.name + tool.description + JSON.stringify(jsonSchemaOf(tool.input))) + around
  }
  if (request.schema) tokens += ofText(JSON.stringify(jsonSchemaOf(request.schema))) + around
  return tokens
}
