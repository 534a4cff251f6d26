import { z } from 'zod'
import { jsonOf } from '../model-api/json-body.ts'
import { Unusable } from './errors.ts'

const text = z.string().nullish()
const flag = z.boolean().nullish()
const number = z.number().nullish()
const json = z.record(z.string(), z.unknown())

const Part = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('refusal'), refusal: z.string() }),
  z.object({ type: z.literal('image_url'), image_url: z.object({ url: z.string() }) }),
])
export type Part = z.output<typeof Part>
const Content = z.union([z.string(), z.array(Part)], {
  error: 'a text, or a list of parts of type text or image_url, was expected',
})

const ToolCall = z.object({
  id: z.string(),
  type: z.literal('function').optional(),
  function: z.object({ name: z.string(), arguments: z.string() }),
})

const Message = z.discriminatedUnion('role', [
  z.object({ role: z.literal('system'), content: Content }),
  z.object({ role: z.literal('developer'), content: Content }),
  z.object({ role: z.literal('user'), content: Content }),
  z.object({ role: z.literal('assistant'), content: Content.nullish(), tool_calls: z.array(ToolCall).nullish() }),
  z.object({ role: z.literal('tool'), content: Content, tool_call_id: z.string() }),
])
export type Message = z.output<typeof Message>

const Tool = z.object({
  type: z.literal('function'),
  function: z.object({ name: z.string(), description: text, parameters: json.nullish() }),
})

const ResponseFormat = z.discriminatedUnion('type', [
  z.object({ type: z.enum(['text', 'json_object']) }),
  z.object({ type: z.literal('json_schema'), json_schema: z.object({ name: z.string().optional(), schema: json }) }),
])

const ToolChoice = z.union([
  z.enum(['none', 'auto', 'required']),
  z.object({ type: z.literal('function'), function: z.object({ name: z.string() }) }),
])

export const ChatRequest = z.object({
  model: z.string(),
  messages: z.array(Message).min(1),
  stream: flag,
  stream_options: z.object({ include_usage: flag }).nullish(),
  max_tokens: z.int().positive().nullish(),
  max_completion_tokens: z.int().positive().nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  stop: z.union([z.string(), z.array(z.string()).max(4)]).nullish(),
  tools: z.array(Tool).nullish(),
  tool_choice: ToolChoice.nullish(),
  response_format: ResponseFormat.nullish(),
  reasoning_effort: text,
  service_tier: text,
  n: z.literal(1, { error: 'only one choice can be given: n must be 1' }).nullish(),
  // Without an equivalent: what would change the kind of answer is refused, what only colours it is left out.
  audio: z.null({ error: 'audio is not supported' }).optional(),
  modalities: z.tuple([z.literal('text')], { error: 'only the modality text is supported' }).nullish(),
  functions: z.null({ error: 'functions are deprecated: use tools' }).optional(),
  function_call: z.null({ error: 'function_call is deprecated: use tool_choice' }).optional(),
  web_search_options: z.null({ error: 'web search is not supported' }).optional(),
  frequency_penalty: number,
  presence_penalty: number,
  seed: number,
  logit_bias: json.nullish(),
  logprobs: flag,
  top_logprobs: number,
})
export type ChatRequest = z.output<typeof ChatRequest>

export const EmbeddingsRequest = z.object({
  model: z.string(),
  input: z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(2048)], {
    error:
      'a text or a list of 1 to 2048 texts was expected; tokens are not taken, for they are those of another model',
  }),
  encoding_format: z.enum(['float', 'base64']).nullish(),
  dimensions: z.int().positive().nullish(),
})

/** The body as `schema`. Null is an absent value, and unknown fields are ignored. @throws Unusable that names the field */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(read(body))
  if (parsed.success) return parsed.data
  const { path, message } = parsed.error.issues[0]!
  const param = path.length === 0 ? null : z.core.toDotPath(path)
  throw new Unusable(`${param === null ? '' : `'${param}': `}${message}`, param)
}

function read(body: unknown): unknown {
  try {
    return jsonOf(body)
  } catch (error) {
    throw new Unusable(`The body is not JSON: ${error instanceof Error ? error.message : String(error)}`, null)
  }
}
