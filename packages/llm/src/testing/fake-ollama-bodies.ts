import { z } from 'zod'

/** What Ollama answers in place of an answer. */
export class OllamaRefusal extends Error {
  override name = 'OllamaRefusal'
  readonly status: number
  readonly headers: Record<string, string>
  constructor(status: number, message: string, headers: Record<string, string> = {}) {
    super(message)
    this.status = status
    this.headers = headers
  }
}

interface FakeOllamaModel {
  capabilities: string[]
  contextTokens: number
  /** Of an embedding model. */
  dimensions?: number
}

/** By the names that the server has; `:latest` may be left out. */
const FAKE_MODELS: Record<string, FakeOllamaModel> = {
  'llama3.2': { capabilities: ['completion', 'tools'], contextTokens: 131_072 },
  qwen3: { capabilities: ['completion', 'tools', 'thinking'], contextTokens: 40_960 },
  llava: { capabilities: ['completion', 'vision'], contextTokens: 32_768 },
  'nomic-embed-text': { capabilities: ['embedding'], contextTokens: 2_048, dimensions: 768 },
  'all-minilm': { capabilities: ['embedding'], contextTokens: 512, dimensions: 384 },
  'mxbai-embed-large': { capabilities: ['embedding'], contextTokens: 512, dimensions: 1_024 },
}

const ToolCall = z.strictObject({
  id: z.string().optional(),
  function: z.strictObject({
    index: z.int().optional(),
    name: z.string(),
    arguments: z.record(z.string(), z.unknown()),
  }),
})
const Message = z.strictObject({
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  content: z.string(),
  thinking: z.string().optional(),
  images: z.array(z.base64().min(1)).optional(),
  tool_calls: z.array(ToolCall).optional(),
  tool_name: z.string().optional(),
  tool_call_id: z.string().optional(),
})
const Options = z.strictObject({
  num_ctx: z.int().positive().optional(),
  num_predict: z.int().optional(),
  temperature: z.number().min(0).optional(),
  top_p: z.number().optional(),
  top_k: z.int().optional(),
  seed: z.int().optional(),
  stop: z.array(z.string()).optional(),
})
const KeepAlive = z.union([z.string(), z.number()]).optional()
/** Unknown fields are refused, which Ollama ignores: a misspelt field would never be noticed. */
const Chat = z.strictObject({
  model: z.string().min(1, 'model is required'),
  messages: z.array(Message),
  tools: z
    .array(
      z.strictObject({
        type: z.literal('function'),
        function: z.strictObject({
          name: z.string().min(1),
          description: z.string(),
          parameters: z.looseObject({ type: z.literal('object') }),
        }),
      }),
    )
    .optional(),
  format: z.union([z.literal('json'), z.record(z.string(), z.unknown())]).optional(),
  options: Options.default({}),
  stream: z.boolean().default(true),
  think: z.union([z.boolean(), z.enum(['low', 'medium', 'high', 'max'])]).optional(),
  truncate: z.boolean().default(true),
  shift: z.boolean().default(true),
  keep_alive: KeepAlive,
})
export type FakeChat = z.output<typeof Chat>

const Embed = z.strictObject({
  model: z.string().min(1, 'model is required'),
  input: z.union([z.string(), z.array(z.string())], 'invalid input type'),
  truncate: z.boolean().default(true),
  dimensions: z.int().positive().optional(),
  options: Options.default({}),
  keep_alive: KeepAlive,
})
export type FakeEmbed = z.output<typeof Embed>

export const tokensIn = (text: string): number => Math.ceil(text.length / 4)

/** @throws OllamaRefusal with Ollama's words where a client may depend on them */
export function parseChat(json: unknown): FakeChat {
  const body = parse(Chat, json)
  const { capabilities } = findFakeModel(body.model)
  const { model, tools = [], think, messages } = body
  if (!capabilities.includes('completion')) throw new OllamaRefusal(400, `"${model}" does not support chat`)
  if (tools.length > 0 && !capabilities.includes('tools')) {
    throw new OllamaRefusal(400, `registry.ollama.ai/library/${model} does not support tools`)
  }
  if (think && !capabilities.includes('thinking')) throw new OllamaRefusal(400, `"${model}" does not support thinking`)
  // An older server answers as if there were no pictures; here a provider must not come to that.
  if (messages.some((message) => message.images) && !capabilities.includes('vision')) {
    throw new OllamaRefusal(400, `"${model}" does not support images`)
  }
  return body
}

export const parseEmbed = (json: unknown): FakeEmbed => {
  const body = parse(Embed, json)
  findFakeModel(body.model)
  return body
}

export function findFakeModel(name: string): FakeOllamaModel {
  const bare = name.replace(/:latest$/, '')
  if (!Object.hasOwn(FAKE_MODELS, bare)) throw new OllamaRefusal(404, `model '${name}' not found`)
  return FAKE_MODELS[bare]!
}

function parse<T>(schema: z.ZodType<T>, json: unknown): T {
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  throw new OllamaRefusal(400, parsed.error.issues.map((issue) => issue.message).join('; '))
}
