import type { z } from 'zod'
import { maxTokensOf } from '../cost.ts'
import { LlmRefusedRequest } from '../errors.ts'
import type { Message, TextRequest, Tool, ToolResultPart, ToolUsePart } from '../llm.ts'
import type { Target } from '../provider.ts'
import { jsonSchemaOf } from '../structured.ts'

/** The body of `POST /api/chat`. Source: `ChatRequest` in Ollama's `api/types.go`. */
export interface ChatBody {
  model: string
  messages: ChatMessage[]
  tools?: ChatTool[]
  format?: Record<string, unknown>
  options: Record<string, number | string[]>
  stream: true
  think?: boolean | 'low' | 'medium' | 'high'
  truncate: false
  shift: false
}

interface ChatMessage {
  role: 'system' | 'user' | 'assistant' | 'tool'
  content: string
  thinking?: string
  /** Base64. */
  images?: string[]
  tool_calls?: { id: string; function: { name: string; arguments: object } }[]
  tool_name?: string
  tool_call_id?: string
}

interface ChatTool {
  type: 'function'
  function: { name: string; description: string; parameters: unknown }
}

/** The body, and what had to be left out as warnings. */
export interface Prepared {
  body: ChatBody
  warnings: string[]
}

/** @throws LlmRefusedRequest for what Ollama cannot take and what cannot be left out. */
export function toChat(request: TextRequest<unknown>, target: Target, contextTokens: number): Prepared {
  const warnings: string[] = []
  const messages = toMessages(request.messages)
  if (messages.length === 0) throw new LlmRefusedRequest('The conversation is blank: Ollama would only load the model.')
  const system = [request.system?.trim(), request.schema && schemaInstruction(request.schema)].filter(Boolean)
  if (system.length > 0) messages.unshift({ role: 'system', content: system.join('\n\n') })
  const tools = chooseTools(request, warnings)
  const body: ChatBody = {
    model: target.id,
    messages,
    ...(tools.length > 0 ? { tools: tools.map(toChatTool) } : {}),
    // A form that every token must keep to would leave no way to call a tool.
    ...(request.schema && tools.length === 0 ? { format: jsonSchemaOf(request.schema) } : {}),
    options: {
      num_ctx: contextTokens,
      num_predict: maxTokensOf(target.model, request),
      ...defined({
        temperature: request.temperature,
        top_p: request.topP,
        top_k: request.topK,
        stop: request.stopSequences,
      }),
    },
    stream: true,
    ...(request.thinking === undefined ? {} : { think: request.thinking === 'off' ? false : request.thinking }),
    // Ollama's habits are to drop the beginning of what is too long, and to forget it while it writes.
    truncate: false,
    shift: false,
  }
  return { body, warnings }
}

function toMessages(messages: Message[]): ChatMessage[] {
  const toolNames = new Map<string, string>()
  return messages.flatMap((message) => {
    for (const part of message.content) if (part.type === 'toolUse') toolNames.set(part.id, part.name)
    const results = message.content.filter((part) => part.type === 'toolResult')
    const own = toMessage(message)
    return [...results.map((part) => toToolMessage(part, toolNames)), ...(own ? [own] : [])]
  })
}

/** None when nothing is left of it. */
function toMessage({ role, content }: Message): ChatMessage | undefined {
  const texts: string[] = []
  const thoughts: string[] = []
  const images: string[] = []
  const calls: ToolUsePart[] = []
  for (const part of content) {
    if (part.type === 'text' && part.text.trim() !== '') texts.push(part.text)
    else if (part.type === 'thinking' && part.text !== '') thoughts.push(part.text)
    else if (part.type === 'image') images.push(Buffer.from(part.bytes).toString('base64'))
    else if (part.type === 'toolUse') calls.push(part)
    else if (part.type === 'document') {
      throw new LlmRefusedRequest(`Ollama reads no documents (${part.format}): send their text.`)
    }
  }
  if (texts.length + images.length + calls.length === 0) return undefined
  return {
    role,
    content: texts.join('\n\n'),
    ...(thoughts.length > 0 ? { thinking: thoughts.join('\n\n') } : {}),
    ...(images.length > 0 ? { images } : {}),
    ...(calls.length > 0 ? { tool_calls: calls.map(toToolCall) } : {}),
  }
}

function toToolCall({ id, name, input }: ToolUsePart): NonNullable<ChatMessage['tool_calls']>[number] {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new LlmRefusedRequest(`The input of the tool ${name} must be an object for Ollama, came ${typeof input}.`)
  }
  return { id, function: { name, arguments: input } }
}

/** Ollama has no mark for a failed tool: its text says it. */
function toToolMessage({ toolUseId, text, failed }: ToolResultPart, toolNames: Map<string, string>): ChatMessage {
  const name = toolNames.get(toolUseId)
  return {
    role: 'tool',
    content: failed ? `The tool failed: ${text}` : text,
    tool_call_id: toolUseId,
    ...(name === undefined ? {} : { tool_name: name }),
  }
}

/** A wish that Ollama cannot force becomes a hint: the one tool alone. */
function chooseTools({ tools = [], toolChoice = 'auto' }: TextRequest<unknown>, warnings: string[]): Tool[] {
  if (toolChoice === 'auto') return tools
  warnings.push('Ollama cannot force a tool call: the model may answer without one.')
  return toolChoice === 'required' ? tools : tools.filter((tool) => tool.name === toolChoice.tool)
}

const toChatTool = ({ name, description, input }: Tool): ChatTool => ({
  type: 'function',
  function: { name, description, parameters: jsonSchemaOf(input) },
})

/** `format` binds the tokens, but the model does not see it. */
const schemaInstruction = (schema: z.ZodType): string =>
  `Answer with one JSON value and nothing else. Its JSON Schema:\n${JSON.stringify(jsonSchemaOf(schema))}`

const defined = <T>(fields: Record<string, T | undefined>): Record<string, T> =>
  Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, T] => entry[1] !== undefined))
