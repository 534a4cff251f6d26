import { LlmAnswerInvalid } from '../errors.ts'
import type { TextRequest } from '../llm.ts'
import { jsonSchemaOf } from '../structured.ts'
import { splitSentences } from './sentences.ts'

/** What can be said from the text alone, by the name of a string field. */
const FILLERS: Record<string, (text: string, summary: string) => string> = {
  summary: (_text, summary) => summary,
  title: (text) => splitSentences(text)[0]!.text,
}

/**
 * An object for the request's schema, only from what stands literally in the text. Fields that may be absent stay absent.
 * @throws LlmAnswerInvalid when a required field would have to be made up.
 */
export function fillSchema(request: TextRequest<unknown>, text: string, summary: string): Record<string, unknown> {
  const { type, properties = {}, required = [] } = jsonSchemaOf(request.schema!) as ObjectSchema
  if (type !== 'object') throw cannot(`"${type}" (only objects can be filled)`)
  const filled: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(properties)) {
    const fill = FILLERS[name]
    if (fill && field.type === 'string') filled[name] = fill(text, summary)
    else if (required.includes(name)) throw cannot(`its required field "${name}"`)
  }
  return filled
}

interface ObjectSchema {
  type?: string
  properties?: Record<string, { type?: string }>
  required?: string[]
}

const cannot = (what: string) =>
  new LlmAnswerInvalid(
    `The local provider is no model and makes nothing up: it fills the string fields ${Object.keys(FILLERS).join(' and ')}, ` +
      `but not ${what}. Choose a model provider for this.`,
  )
