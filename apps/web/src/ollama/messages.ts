import { fromJsonSchema, type ImagePart, type Message as Turn, type Part, type Tool as ModelTool } from '@dayshift/llm'
import { alternate } from '../model-api/conversation.ts'
import { bytesOf, imageOf } from '../model-api/images.ts'
import { Refusal } from './errors.ts'
import type { Message, Tool } from './requests.ts'

/** Ollama's messages in our words: all system texts in their order, and turns that alternate. @throws Refusal */
export function readMessages(
  messages: Message[],
  warnings: string[],
): { system: string | undefined; messages: Turn[] } {
  const system: string[] = []
  const turns: Turn[] = []
  const calls = openCalls()
  for (const message of messages) {
    const content = message.content ?? ''
    const role = message.role?.toLowerCase() ?? ''
    if (role === 'system') system.push(content)
    else if (role === 'user') turns.push({ role, content: [...readImages(message.images), ...textParts(content)] })
    else if (role === 'assistant') {
      const made = (message.tool_calls ?? []).map((call) => calls.made(call.id, call.function))
      turns.push({ role, content: [...textParts(content), ...made] })
    } else if (role === 'tool') {
      const toolUseId = calls.answered(message.tool_call_id, message.tool_name)
      turns.push({ role: 'user', content: [{ type: 'toolResult', toolUseId, text: content }] })
    } else {
      throw new Refusal(400, `invalid role: "${role}", must be one of "user", "assistant", "system", or "tool"`)
    }
  }
  const conversation = alternate(turns, warnings)
  const instructions = system.filter((text) => text.trim() !== '').join('\n\n')
  if (conversation.length > 0) return { system: instructions === '' ? undefined : instructions, messages: conversation }
  if (instructions === '') throw new Refusal(400, 'no message has any content')
  // Models want somebody to answer to.
  return { system: undefined, messages: [{ role: 'user', content: textParts(instructions) }] }
}

const textParts = (text: string): Part[] => (text.trim() === '' ? [] : [{ type: 'text', text }])

/** Calls and results find each other by id; older clients send none, and then by the tool's name or in their order. */
function openCalls() {
  const open: { id: string; name: string }[] = []
  let count = 0
  return {
    made(given: string | null | undefined, { name, arguments: input }: { name: string; arguments?: unknown }): Part {
      const id = given || `call_${(count += 1)}`
      open.push({ id, name })
      return { type: 'toolUse', id, name, input: input ?? {} }
    },
    answered(id: string | null | undefined, name: string | null | undefined): string {
      const matches = (call: (typeof open)[number]) => (id ? call.id === id : !name || call.name === name)
      const [found] = open.splice(open.findIndex(matches), open.some(matches) ? 1 : 0)
      if (found) return found.id
      throw new Refusal(
        400,
        `the tool message${id || name ? ` for "${id || name}"` : ''} answers no tool call before it`,
      )
    },
  }
}

/** @throws Refusal */
function readImages(images: string[] | null | undefined): ImagePart[] {
  return (images ?? []).map((base64) => {
    const bytes = bytesOf(base64)
    if (!bytes) throw new Refusal(400, 'an image is not base64: illegal base64 data')
    const image = imageOf(bytes)
    if (!image) throw new Refusal(400, 'an image is of no known kind: PNG, JPEG, GIF or WebP was expected')
    return image
  })
}

/** @throws Refusal */
export function readTools(tools: Tool[] | null | undefined): ModelTool[] | undefined {
  if (!tools || tools.length === 0) return undefined
  return tools.map(({ function: { name, description, parameters } }) => ({
    name,
    description: description ?? '',
    input: readSchema(parameters ?? { type: 'object' }),
  }))
}

/** Undefined when no format is asked for. @throws Refusal */
export function readFormat(format: unknown): ModelTool['input'] | undefined {
  if (format === undefined || format === null || format === '') return undefined
  if (format === 'json') return fromJsonSchema({ type: 'object' })
  if (typeof format === 'object' && !Array.isArray(format)) return readSchema(format as Record<string, unknown>)
  throw new Refusal(400, `invalid format: ${JSON.stringify(format)}; expected "json" or a valid JSON Schema object`)
}

function readSchema(document: Record<string, unknown>): ModelTool['input'] {
  try {
    return fromJsonSchema(document)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new Refusal(400, error.message)
  }
}
