import { createHash } from 'node:crypto'
import type { TextRequest } from '../llm.ts'
import type { Target } from '../provider.ts'
import { jsonSchemaOf } from '../structured.ts'

/** SHA-256, in hex, of everything that an answer depends on: the model, and the request without who asks and how it is paid. */
export function answerKey(target: Target, request: TextRequest<unknown>): string {
  return createHash('sha256')
    .update(JSON.stringify([target.provider, target.id, essence(request)]))
    .digest('hex')
}

/** The same of the request alone. */
export const requestHash = (request: TextRequest<unknown>): string =>
  createHash('sha256')
    .update(JSON.stringify(essence(request)))
    .digest('hex')

function essence(request: TextRequest<unknown>): unknown[] {
  const { system, messages, maxTokens, temperature, topP, topK, stopSequences, toolChoice, thinking } = request
  const parts = messages.map(({ role, content }) => [
    role,
    ...content.filter((part) => part.type !== 'cachePoint').map((part) => Object.entries(part).map(plain)),
  ])
  const tools = (request.tools ?? []).map(({ name, description, input }) => [name, description, jsonSchemaOf(input)])
  const schema = request.schema ? jsonSchemaOf(request.schema) : undefined
  return [
    request.promptVersion,
    system,
    parts,
    [maxTokens, temperature, topP, topK, stopSequences, toolChoice, thinking],
    tools,
    schema,
  ]
}

const plain = ([name, value]: [string, unknown]): unknown[] => [
  name,
  value instanceof Uint8Array ? createHash('sha256').update(value).digest('hex') : value,
]
