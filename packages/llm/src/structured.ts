import { Validator } from '@cfworker/json-schema'
import { z } from 'zod'
import { LlmAnswerInvalid } from './errors.ts'
import type { Answer, TextRequest } from './llm.ts'

export type JsonSchema = Record<string, unknown>

/** The documents that `fromJsonSchema` was given, to be shown to the model as they came. */
const documents = new WeakMap<z.ZodType, JsonSchema>()

/**
 * A schema of a caller's own JSON Schema document (draft 2020-12 unless it says otherwise). It is interpreted, not compiled:
 * the document is foreign, and a compiler would make code of it. @throws RangeError when it is no schema.
 */
export function fromJsonSchema(document: JsonSchema): z.ZodType {
  const validator = makeValidator(document)
  const schema = z.unknown().superRefine((value, context) => {
    const { valid, errors } = validator.validate(value)
    if (valid) return
    // The last error is the most precise one: the others say only that something below them is wrong.
    const { instanceLocation, error } = errors.at(-1)!
    context.addIssue({ code: 'custom', path: instanceLocation.split('/').slice(1), message: error })
  })
  documents.set(schema, document)
  return schema
}

const Types = z.enum(['null', 'boolean', 'object', 'array', 'number', 'string', 'integer'])
const Pattern = z.string().max(500).refine(isPattern, 'expected a regular expression')
/** Keywords whose form the validator trusts (JSON Schema 2020-12, validation and applicator vocabularies). */
const Document: z.ZodType = z.lazy(() =>
  z.union([
    z.boolean(),
    z.looseObject({
      type: z.union([Types, z.array(Types)]).optional(),
      properties: Documents.optional(),
      patternProperties: Documents.optional(),
      $defs: Documents.optional(),
      additionalProperties: Document.optional(),
      items: z.union([Document, z.array(Document)]).optional(),
      required: z.array(z.string()).optional(),
      enum: z.array(z.unknown()).optional(),
      anyOf: z.array(Document).optional(),
      oneOf: z.array(Document).optional(),
      allOf: z.array(Document).optional(),
      not: Document.optional(),
      pattern: Pattern.optional(),
      format: z.string().optional(),
    }),
  ]),
)
const Documents = z.record(z.string(), Document)

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, 'u') instanceof RegExp
  } catch {
    return false
  }
}

function makeValidator(document: JsonSchema): Validator {
  const parsed = Document.safeParse(document)
  if (!parsed.success) throw new RangeError(`This is no JSON schema: ${z.prettifyError(parsed.error)}`)
  try {
    const validator = new Validator(document, draftOf(document))
    validator.validate(null)
    return validator
  } catch (cause) {
    throw new RangeError(`The JSON schema cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    })
  }
}

function draftOf({ $schema }: JsonSchema): '4' | '7' | '2019-09' | '2020-12' {
  const text = String($schema)
  if (text.includes('draft-04')) return '4'
  if (text.includes('draft-06') || text.includes('draft-07')) return '7'
  return text.includes('2019-09') ? '2019-09' : '2020-12'
}

/** The JSON Schema (2020-12) that a model is shown for a schema. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const own = documents.get(schema)
  if (own) return own
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return rest
}

/**
 * Adds `json` to an answer when the request has a schema.
 * @throws LlmAnswerInvalid that carries the answer, because it was paid for.
 */
export function withJson<T>(request: TextRequest<T>, answer: Answer): Answer<T> {
  if (!request.schema || answer.stopReason === 'tool-use') return answer as Answer<T>
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
