import type { ConverseCommandInput, Tool as BedrockTool, ToolChoice } from '@aws-sdk/client-bedrock-runtime'
import type { z } from 'zod'
import type { TextModel } from '../catalogue.ts'
import { tierOn } from '../cost.ts'
import { LlmRefusedRequest } from '../errors.ts'
import type { TextRequest } from '../llm.ts'
import type { Target } from '../provider.ts'
import { jsonSchemaOf } from '../structured.ts'
import { cachePointsFor } from './cache-points.ts'
import type { PlaceCachePoint } from './cache-points.ts'
import { toBedrockMessages } from './messages.ts'
import { toNativeSchema } from './native-schema.ts'
import { inferenceConfigOf, modelFieldsOf } from './parameters.ts'
import type { Warn } from './parameters.ts'

/** The tool whose input is the structured answer. */
export const ANSWER_TOOL = 'answer'

type ConverseInput = ConverseCommandInput & Required<Pick<ConverseCommandInput, 'messages' | 'inferenceConfig'>>

/** The request for Converse and ConverseStream, with what had to be left out as warnings. */
export interface Prepared {
  input: ConverseInput
  warnings: string[]
}

/** @throws LlmRefusedRequest for what the model is known not to take and what cannot be left out. */
export function toConverse(request: TextRequest<unknown>, target: Pick<Target, 'id' | 'model'>): Prepared {
  const warnings: string[] = []
  const warn: Warn = (text) => void (warnings.includes(text) || warnings.push(text))
  const model = textModelOf(target)
  const of = { model, name: model?.name ?? target.id }
  const place = cachePointsFor(model, target.id, warn)
  const form = answerFormOf(request, model)
  const toolConfig = toolConfigOf(request, form, of, place, warn)
  const system = systemOf(request, form, place)
  const messages = toBedrockMessages(request.messages, { model, place })
  if (model && !model.capabilities.prefill && messages.at(-1)?.role === 'assistant') {
    throw new LlmRefusedRequest(
      `${model.name} does not go on from a begun answer: the last message must be the user's.`,
    )
  }
  const { outputConfig, ...fields } = modelFieldsOf(request, of, warn)
  const input: ConverseInput = {
    modelId: target.id,
    messages,
    ...(system ? { system } : {}),
    inferenceConfig: inferenceConfigOf(request, of, warn),
    ...(toolConfig ? { toolConfig } : {}),
    ...fields,
    ...(outputConfig || form.how === 'native' ? { outputConfig: { ...outputConfig, ...textFormatOf(form) } } : {}),
    ...serviceTierOf(request, target, of.name, warn),
  }
  return { input, warnings }
}

function textModelOf({ model, id }: Pick<Target, 'id' | 'model'>): TextModel | undefined {
  if (model?.kind === 'embedding') throw new LlmRefusedRequest(`${id} makes embeddings, not text.`)
  return model
}

/** How an answer of a given shape is got: by the vendor, by a tool that must be called, or by asking for it. */
type AnswerForm = { how: 'free' | 'asked' | 'tool' } | { how: 'native'; schema: string }

function answerFormOf({ schema, tools }: TextRequest<unknown>, model: TextModel | undefined): AnswerForm {
  if (!schema) return { how: 'free' }
  const document = jsonSchemaOf(schema)
  const native = model?.capabilities.nativeStructuredOutput ? toNativeSchema(document) : undefined
  if (native) return { how: 'native', schema: JSON.stringify(native) }
  const forced = model?.capabilities.forcedToolChoice && !tools?.length && document.type === 'object'
  return { how: forced ? 'tool' : 'asked' }
}

const textFormatOf = (form: AnswerForm): ConverseCommandInput['outputConfig'] =>
  form.how === 'native'
    ? { textFormat: { type: 'json_schema', structure: { jsonSchema: { schema: form.schema, name: ANSWER_TOOL } } } }
    : {}

function toolConfigOf(
  request: TextRequest<unknown>,
  form: AnswerForm,
  { model, name }: { model: TextModel | undefined; name: string },
  place: PlaceCachePoint,
  warn: Warn,
): ConverseCommandInput['toolConfig'] {
  if (form.how === 'tool') {
    const tool = toTool(ANSWER_TOOL, 'Give the answer in this form.', request.schema!)
    return { tools: [tool], toolChoice: { tool: { name: ANSWER_TOOL } } }
  }
  const { tools = [], toolChoice: wanted = 'auto', cachePoints } = request
  if (typeof wanted === 'object' && !tools.some((tool) => tool.name === wanted.tool)) {
    throw new LlmRefusedRequest(`The tool "${wanted.tool}" is to be called and is not among the tools.`)
  }
  if (tools.length === 0) return undefined
  if (model && !model.capabilities.tools) throw new LlmRefusedRequest(`${name} takes no tools.`)
  const list = tools.map((tool) => toTool(tool.name, tool.description, tool.input))
  return { tools: [...list, ...place(cachePoints?.tools, 'tools')], ...toolChoiceOf(wanted) }

  function toolChoiceOf(choice: NonNullable<typeof wanted>): { toolChoice?: ToolChoice } {
    if (choice === 'auto') return {}
    if (model && !model.capabilities.forcedToolChoice) {
      warn(`${name} cannot be made to call a tool: it may answer without.`)
      return {}
    }
    return { toolChoice: choice === 'required' ? { any: {} } : { tool: { name: choice.tool } } }
  }
}

function systemOf(request: TextRequest<unknown>, form: AnswerForm, place: PlaceCachePoint) {
  const { system = '', schema, cachePoints } = request
  const own = system.trim() === '' ? [] : [{ text: system }, ...place(cachePoints?.system, 'system')]
  const blocks = form.how === 'asked' && schema ? [...own, { text: schemaInstruction(schema) }] : own
  return blocks.length > 0 ? blocks : undefined
}

function serviceTierOf(request: TextRequest<unknown>, target: Pick<Target, 'model'>, name: string, warn: Warn) {
  const { tier = 'standard' } = request
  if (tier === 'standard') return {}
  if (tierOn(target, tier) === tier) return { serviceTier: { type: tier } }
  warn(`No price of ${name} in the tier "${tier}" is known: it was asked at the standard price.`)
  return {}
}

function toTool(name: string, description: string, input: z.ZodType): BedrockTool {
  // JSON Schema is a JSON document, which the SDK's type cannot see.
  return { toolSpec: { name, description, inputSchema: { json: jsonSchemaOf(input) } } } as BedrockTool
}

const schemaInstruction = (schema: z.ZodType): string =>
  `Answer with one JSON value and nothing else: no prose, no Markdown. It must satisfy this JSON Schema:\n${JSON.stringify(jsonSchemaOf(schema))}`
