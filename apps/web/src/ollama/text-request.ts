import type { ListedModel } from '@dayshift/llm'
import type { Message, TextRequest, Tool } from '@dayshift/llm'
import { findModel } from '../model-api/listing.ts'
import type { WebParts } from '../parts.ts'
import { Refusal } from './errors.ts'
import { keepAliveS } from './keep-alive.ts'
import { readFormat } from './messages.ts'
import { readOptions } from './options.ts'
import type { CommonRequest } from './requests.ts'

/** The model for text that a request names. @throws Refusal */
export function textModel(parts: WebParts, given: CommonRequest, use: 'chat' | 'generate'): ListedModel {
  const name = given.model ?? ''
  if (Math.abs((given.top_logprobs ?? 0) - 10) > 10) throw new Refusal(400, 'top_logprobs must be between 0 and 20')
  if (name === '' && use === 'chat') throw new Refusal(400, 'model is required')
  const model = findModel(parts, name)
  if (!model) throw new Refusal(404, `model '${name}' not found`)
  if (model.kind !== 'text') throw new Refusal(400, `"${name}" does not support ${use}`)
  return model
}

/** Whether a request without content asks to load the model or to unload it; there is nothing to do for either. */
export const loadReason = ({ keep_alive }: CommonRequest): 'load' | 'unload' =>
  keepAliveS(keep_alive) === 0 ? 'unload' : 'load'

/** What chat and generate ask of a model; `warnings` gets what has no equivalent. @throws Refusal */
export function readTextRequest(
  model: ListedModel,
  given: CommonRequest,
  {
    feature,
    ...content
  }: { feature: string; system: string | undefined; messages: Message[]; tools?: Tool[] | undefined },
  warnings: string[],
): TextRequest<unknown> {
  keepAliveS(given.keep_alive)
  const does = (ability: keyof ListedModel['capabilities'], word: string): void => {
    if (!model.capabilities[ability]) throw new Refusal(400, `"${given.model}" does not support ${word}`)
  }
  const thinking = readThink(given.think)
  if (thinking !== undefined && thinking !== 'off') does('thinking', 'thinking')
  if (content.tools) does('tools', 'tools')
  if (content.messages.some((message) => message.content.some((part) => part.type === 'image')))
    does('images', 'vision')
  if (given.logprobs || given.top_logprobs) warnings.push('Log probabilities are not to be had.')
  const sampling = readOptions(given.options, model.provider, warnings)
  return {
    ...content,
    ...sampling,
    feature,
    model: model.name,
    schema: readFormat(given.format),
    thinking: thinking === 'off' && !model.capabilities.thinking ? undefined : thinking,
  }
}

function readThink(think: unknown): TextRequest['thinking'] {
  if (think === undefined || think === null) return undefined
  if (think === false) return 'off'
  if (think === true) return 'medium'
  if (think === 'low' || think === 'medium' || think === 'high') return think
  if (think === 'max') return 'high'
  const levels = 'must be "high", "medium", "low", "max", true, or false'
  throw new Refusal(400, `invalid think value: ${JSON.stringify(think)} (${levels})`)
}
