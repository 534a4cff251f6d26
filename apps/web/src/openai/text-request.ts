import type { ListedModel } from '@dayshift/llm'
import {
  fromJsonSchema,
  type ImagePart,
  type Message as Turn,
  type Part as TurnPart,
  type TextRequest,
  type Tool as ModelTool,
} from '@dayshift/llm'
import { alternate } from '../model-api/conversation.ts'
import { bytesOf, imageOf } from '../model-api/images.ts'
import { Unusable } from './errors.ts'
import type { ChatRequest, Message, Part } from './requests.ts'

/** What a chat completion asks of a model; `warnings` gets what has no equivalent. @throws Unusable */
export function readTextRequest(model: ListedModel, given: ChatRequest, warnings: string[]): TextRequest<unknown> {
  if (model.kind !== 'text')
    throw new Unusable(`The model '${given.model}' makes embeddings, not chat completions.`, 'model')
  const { system, messages } = readMessages(given.messages, warnings)
  const parts = messages.flatMap((message) => message.content)
  noteIgnored(given, warnings)
  const require = (ability: keyof ListedModel['capabilities'], param: string): void => {
    if (!model.capabilities[ability]) throw new Unusable(`The model '${given.model}' does not take ${ability}.`, param)
  }
  if (given.tools?.length) require('tools', 'tools')
  if (parts.some((part) => part.type === 'image')) require('images', 'messages')
  return {
    feature: 'openai.chat',
    model: model.name,
    system,
    messages,
    maxTokens: given.max_completion_tokens ?? given.max_tokens ?? undefined,
    temperature: readTemperature(given, model, warnings),
    topP: given.top_p ?? undefined,
    stopSequences: given.stop ? [given.stop].flat() : undefined,
    ...readTools(
      given,
      parts.some((part) => part.type === 'toolUse'),
    ),
    schema: readFormat(given),
    thinking: readEffort(given, model, warnings),
    tier: given.service_tier === 'flex' || given.service_tier === 'priority' ? given.service_tier : undefined,
  }
}

function readMessages(messages: Message[], warnings: string[]): { system: string | undefined; messages: Turn[] } {
  const system: string[] = []
  const turns = messages.flatMap((message, i): Turn[] => {
    const place = `messages[${i}]`
    if (message.role === 'system' || message.role === 'developer') {
      system.push(textOf(message.content, place))
      return []
    }
    if (message.role === 'tool') {
      const text = textOf(message.content, place)
      return [{ role: 'user', content: [{ type: 'toolResult', toolUseId: message.tool_call_id, text }] }]
    }
    const content = readContent(message.content, place)
    if (message.role === 'user') return [{ role: 'user', content }]
    const calls = (message.tool_calls ?? []).map(({ id, function: { name, arguments: input } }, call): TurnPart => ({
      type: 'toolUse',
      id,
      name,
      input: readArguments(input, `${place}.tool_calls[${call}].function.arguments`),
    }))
    return [{ role: 'assistant', content: [...content, ...calls] }]
  })
  const instructions = system.filter((text) => text.trim() !== '').join('\n\n')
  const conversation = alternate(turns, warnings)
  if (conversation.length > 0) return { system: instructions === '' ? undefined : instructions, messages: conversation }
  if (instructions === '') throw new Unusable('No message has any content.', 'messages')
  // Models want somebody to answer to.
  return { system: undefined, messages: [{ role: 'user', content: [{ type: 'text', text: instructions }] }] }
}

function readContent(content: string | Part[] | null | undefined, place: string): TurnPart[] {
  const parts: Part[] = typeof content === 'string' ? [{ type: 'text', text: content }] : (content ?? [])
  return parts.flatMap((part, i): TurnPart[] => {
    if (part.type === 'image_url') return [readImage(part.image_url.url, `${place}.content[${i}].image_url.url`)]
    const text = part.type === 'text' ? part.text : part.refusal
    return text.trim() === '' ? [] : [{ type: 'text', text }]
  })
}

function textOf(content: string | Part[], place: string): string {
  return readContent(content, place)
    .map((part) => {
      if (part.type !== 'text') throw new Unusable('Only text can stand here.', place)
      return part.text
    })
    .join('\n')
}

function readImage(url: string, param: string): ImagePart {
  const [, base64] = /^data:[\w/+.-]*;base64,(.*)$/s.exec(url) ?? []
  if (base64 === undefined)
    throw new Unusable('Only data: URLs with base64 are taken: nothing is fetched for callers.', param)
  const bytes = bytesOf(base64)
  const image = bytes && imageOf(bytes)
  if (!image) throw new Unusable('A PNG, JPEG, GIF or WebP in base64 was expected.', param)
  return image
}

function readArguments(text: string, param: string): unknown {
  try {
    return text.trim() === '' ? {} : JSON.parse(text)
  } catch {
    throw new Unusable('The arguments of a tool call must be JSON.', param)
  }
}

/** `none` takes the tools away, unless the conversation has calls of them: models want to be told what was called. */
function readTools(
  { tools, tool_choice: choice }: ChatRequest,
  called: boolean,
): Pick<TextRequest, 'tools' | 'toolChoice'> {
  if (!tools || tools.length === 0 || (choice === 'none' && !called)) return {}
  const offered = tools.map(({ function: { name, description, parameters } }, i): ModelTool => ({
    name,
    description: description ?? '',
    input: readSchema(parameters ?? { type: 'object', properties: {} }, `tools[${i}].function.parameters`),
  }))
  if (choice === null || choice === undefined || choice === 'none') return { tools: offered }
  if (typeof choice === 'string') return { tools: offered, toolChoice: choice }
  if (tools.every((tool) => tool.function.name !== choice.function.name)) {
    throw new Unusable(`There is no tool '${choice.function.name}'.`, 'tool_choice')
  }
  return { tools: offered, toolChoice: { tool: choice.function.name } }
}

function readFormat({ response_format: format }: ChatRequest): ModelTool['input'] | undefined {
  if (format?.type === 'json_object') return fromJsonSchema({ type: 'object' })
  if (format?.type !== 'json_schema') return undefined
  return readSchema(format.json_schema.schema, 'response_format.json_schema.schema')
}

function readSchema(document: Record<string, unknown>, param: string): ModelTool['input'] {
  try {
    return fromJsonSchema(document)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new Unusable(error.message, param)
  }
}

const efforts: Record<string, TextRequest['thinking']> = {
  none: 'off',
  minimal: 'low',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'high',
}

function readEffort(
  { reasoning_effort: effort }: ChatRequest,
  model: ListedModel,
  warnings: string[],
): TextRequest['thinking'] {
  if (!effort) return undefined
  if (!Object.hasOwn(efforts, effort)) {
    throw new Unusable(`One of ${Object.keys(efforts).join(', ')} was expected.`, 'reasoning_effort')
  }
  if (model.capabilities.thinking) return efforts[effort]
  if (efforts[effort] !== 'off')
    warnings.push(`${model.name} does not think before it answers: reasoning_effort was ignored.`)
  return undefined
}

function readTemperature(
  { temperature }: ChatRequest,
  { provider }: ListedModel,
  warnings: string[],
): number | undefined {
  if (temperature === null || temperature === undefined || temperature <= 1 || provider === 'ollama')
    return temperature ?? undefined
  warnings.push(`The temperature ${temperature} was lowered to 1.`)
  return 1
}

function noteIgnored(given: ChatRequest, warnings: string[]): void {
  const { frequency_penalty, presence_penalty, seed, logit_bias, logprobs, top_logprobs } = given
  const ignored = Object.entries({ frequency_penalty, presence_penalty, seed, logit_bias, logprobs, top_logprobs })
    .filter(([, value]) => value)
    .map(([name]) => name)
  if (ignored.length > 0) warnings.push(`Ignored, for it has no equivalent: ${ignored.join(', ')}.`)
}
