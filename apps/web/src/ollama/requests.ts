import { z } from 'zod'

// In Ollama's JSON null stands for an absent value everywhere; names of fields are those of api/types.go.
const text = z.string().nullish()
const flag = z.boolean().nullish()
const options = z.record(z.string(), z.unknown()).nullish()
/** Taken as it is; each has forms of its own and is read where it is used. */
const any = z.unknown().optional()

const ToolCall = z.object({
  id: text,
  function: z.object({ name: z.string(), arguments: z.record(z.string(), z.unknown()).nullish() }),
})

const Message = z.object({
  role: text,
  content: text,
  images: z.array(z.string()).nullish(),
  tool_calls: z.array(ToolCall).nullish(),
  tool_name: text,
  tool_call_id: text,
})
export type Message = z.output<typeof Message>

const Tool = z.object({
  function: z.object({ name: z.string(), description: text, parameters: z.record(z.string(), z.unknown()).nullish() }),
})
export type Tool = z.output<typeof Tool>

const common = {
  model: text,
  stream: flag,
  format: any,
  keep_alive: any,
  options,
  think: any,
  truncate: flag,
  shift: flag,
  logprobs: flag,
  top_logprobs: z.int().nullish(),
}

export const ChatRequest = z.object({
  ...common,
  messages: z.array(Message).nullish(),
  tools: z.array(Tool).nullish(),
})

export const GenerateRequest = z.object({
  ...common,
  prompt: text,
  suffix: text,
  system: text,
  template: text,
  context: z.array(z.int()).nullish(),
  raw: flag,
  images: z.array(z.string()).nullish(),
})

/** What chat and generate share. */
export type CommonRequest = Pick<z.output<typeof ChatRequest>, keyof typeof common>

export const EmbedRequest = z.object({
  model: text,
  input: any,
  truncate: flag,
  dimensions: z.int().nullish(),
  keep_alive: any,
  options,
})

export const EmbeddingRequest = z.object({ model: text, prompt: text, keep_alive: any, options })

export const ShowRequest = z.object({ model: text, name: text })
