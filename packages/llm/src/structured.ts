import { z } from 'zod'
import { LlmAnswerInvalid } from './errors.ts'
import type { Answer, TextRequest } from './llm.ts'

/** The JSON Schema (2020-12) that a model is shown for a zod schema. */
export function jsonSchemaOf(schema: z.ZodType): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return rest
}

/**
 * Adds `json` to an answer when the request has a schema.
 * @throws LlmAnswerInvalid that carries the answer, because it was paid for.
 */
export function withJson<T>(request: TextRequest<T>, answer: Answer): Answer<T> {
  if (!request.schema) return answer as Answer<T>
  const invalid = (why: string) =>
    new LlmAnswerInvalid(`${answer.model} was asked for JSON (${request.feature}) and ${why}`, { answer })
  const value = parseJson(answer.text)
  if (value === undefined) throw invalid(`gave something else; it stopped with "${answer.stopReason}".`)
  const parsed = request.schema.safeParse(value)
  if (!parsed.success) throw invalid(`gave another shape: ${z.prettifyError(parsed.error)}`)
  return { ...answer, json: parsed.data }
}

/** JSON as models write it: bare, or inside one Markdown fence. Undefined when it is neither. */
function parseJson(text: string): unknown {
  const trimmed = text.trim()
  const fenced = trimmed.startsWith('```') && trimmed.endsWith('```') && trimmed.length > 6
  const body = fenced ? trimmed.slice(3, -3).replace(/^json\b/i, '') : trimmed
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
