import type { ConverseCommandInput, Tool as BedrockTool } from '@aws-sdk/client-bedrock-runtime'
import type { z } from 'zod'
import type { TextModel } from '../catalogue.ts'
import { LlmRefusedRequest } from '../errors.ts'
import type { TextRequest } from '../llm.ts'
import { jsonSchemaOf } from '../structured.ts'
import { toBedrockMessages } from './messages.ts'
import type { ResolvedModel } from './model-id.ts'

/** For models that the catalogue does not know. */
const DEFAULT_MAX_TOKENS = 2_048
/** The tool whose input is the structured answer. */
export const ANSWER_TOOL = 'answer'

type ConverseInput = ConverseCommandInput & Required<Pick<ConverseCommandInput, 'messages' | 'inferenceConfig'>>

/** The request for Converse and ConverseStream, with what had to be left out as warnings. */
export interface Prepared {
  input: ConverseInput
  warnings: string[]
}

/** @throws LlmRefusedRequest for what the model is known not to take and what cannot be left out. */
export function toConverse(request: TextRequest<unknown>, resolved: ResolvedModel): Prepared {
  const warnings = [...resolved.warnings]
  const model = textModelOf(resolved)
  const messages = toBedrockMessages(request.messages)
  if (model && !model.capabilities.prefill && messages.at(-1)?.role === 'assistant') {
    throw new LlmRefusedRequest(
      `${model.name} does not go on from a begun answer: the last message must be the user's.`,
    )
  }
  const input: ConverseInput = {
    modelId: resolved.id,
    messages,
    inferenceConfig: { maxTokens: maxTokensFor(request, model, warnings), ...temperatureFor(request, model, warnings) },
  }
  const tools = (request.tools ?? []).map((tool) => toTool(tool.name, tool.description, tool.input))
  let system = request.system ?? ''
  if (request.schema) {
    if (model?.capabilities.forcedToolChoice && tools.length === 0 && jsonSchemaOf(request.schema).type === 'object') {
      tools.push(toTool(ANSWER_TOOL, 'Give the answer in this form.', request.schema))
      input.toolConfig = { tools, toolChoice: { tool: { name: ANSWER_TOOL } } }
    } else {
      system = `${system}\n\n${schemaInstruction(request.schema)}`.trim()
    }
  }
  if (tools.length > 0) input.toolConfig ??= { tools }
  if (system.trim() !== '') input.system = [{ text: system }]
  return { input, warnings }
}

function textModelOf({ model, id }: ResolvedModel): TextModel | undefined {
  if (model?.kind === 'embedding') throw new LlmRefusedRequest(`${id} makes embeddings, not text.`)
  return model
}

function maxTokensFor(request: TextRequest<unknown>, model: TextModel | undefined, warnings: string[]): number {
  const asked = request.maxTokens ?? model?.defaultMaxTokens ?? DEFAULT_MAX_TOKENS
  const limit = model?.maxOutputTokens ?? Infinity
  if (asked > limit) warnings.push(`maxTokens ${asked} became ${limit}, the most that ${model?.name} gives.`)
  return Math.min(asked, limit)
}

function temperatureFor(request: TextRequest<unknown>, model: TextModel | undefined, warnings: string[]) {
  if (request.temperature === undefined) return {}
  if (model && !model.capabilities.temperature) {
    warnings.push(`${model.name} takes no temperature: ${request.temperature} was left out.`)
    return {}
  }
  return { temperature: request.temperature }
}

function toTool(name: string, description: string, input: z.ZodType): BedrockTool {
  // JSON Schema is a JSON document, which the SDK's type cannot see.
  return { toolSpec: { name, description, inputSchema: { json: jsonSchemaOf(input) } } } as BedrockTool
}

const schemaInstruction = (schema: z.ZodType): string =>
  `Answer with one JSON value and nothing else: no prose, no Markdown. It must satisfy this JSON Schema:\n${JSON.stringify(jsonSchemaOf(schema))}`
