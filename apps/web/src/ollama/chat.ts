import type { FastifyPluginAsync } from 'fastify'
import { MOST_BODY_BYTES } from '../model-api/json-body.ts'
import type { WebParts } from '../parts.ts'
import { answerWith, type Said } from './answer.ts'
import { readMessages, readTools } from './messages.ts'
import { ChatRequest, GenerateRequest } from './requests.ts'
import { Refusal } from './errors.ts'
import { loadReason, readTextRequest, textModel } from './text-request.ts'
import { unmarshal } from './unmarshal.ts'

const options = { schema: { hide: true }, bodyLimit: MOST_BODY_BYTES }

/** `/api/chat` and `/api/generate`. */
export const chat: FastifyPluginAsync<WebParts> = async (api, parts) => {
  api.post('/api/chat', options, async (request, reply) => {
    const given = unmarshal(ChatRequest, 'ChatRequest', request.body)
    const model = textModel(parts, given, 'chat')
    const name = given.model ?? ''
    const body = ({ text, thinking, calls }: Said) => ({
      message: { role: 'assistant', content: text, thinking, tool_calls: calls },
    })
    if (!given.messages || given.messages.length === 0) return loaded(name, body({ text: '' }), loadReason(given))
    const warnings: string[] = []
    const content = { ...readMessages(given.messages, warnings), tools: readTools(given.tools) }
    const asked = readTextRequest(model, given, { feature: 'ollama.chat', ...content }, warnings)
    return answerWith(
      parts.context.llm,
      asked,
      { request, reply },
      { model: name, body, stream: given.stream ?? true, warnings },
    )
  })

  api.post('/api/generate', options, async (request, reply) => {
    const given = unmarshal(GenerateRequest, 'GenerateRequest', request.body)
    const model = textModel(parts, given, 'generate')
    const name = given.model ?? ''
    const { prompt, system, template, context, raw, suffix } = given
    if (raw && (template || system || context?.length)) {
      throw new Refusal(400, 'raw mode does not support template, system, or context')
    }
    if (suffix) throw new Refusal(400, `"${name}" does not support insert`)
    const body = ({ text, thinking, calls }: Said) => ({ response: text, thinking, tool_calls: calls })
    if (!prompt) return loaded(name, body({ text: '' }), loadReason(given))
    const warnings: string[] = []
    const ignored = Object.entries({ raw, template, context: context?.length }).filter(([, value]) => value)
    if (ignored.length > 0)
      warnings.push(`Ignored, for it has no equivalent: ${ignored.map(([key]) => key).join(', ')}.`)
    const said = { role: 'user', content: prompt, images: given.images }
    const content = readMessages([...(system ? [{ role: 'system', content: system }] : []), said], warnings)
    const asked = readTextRequest(model, given, { feature: 'ollama.generate', ...content }, warnings)
    return answerWith(
      parts.context.llm,
      asked,
      { request, reply },
      { model: name, body, stream: given.stream ?? true, warnings },
    )
  })
}

/** What Ollama answers when there is nothing to say: a model was loaded or unloaded. Never in lines. */
const loaded = (model: string, body: object, reason: 'load' | 'unload'): object => ({
  model,
  created_at: new Date().toISOString(),
  ...body,
  done: true,
  done_reason: reason,
})
