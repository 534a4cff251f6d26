import type { ConverseCommandInput, InferenceConfiguration } from '@aws-sdk/client-bedrock-runtime'
import type { TextModel } from '../catalogue.ts'
import { maxTokensOf } from '../cost.ts'
import type { TextRequest } from '../llm.ts'

/** Says, once, what the answer will have been made without. */
export type Warn = (text: string) => void

/** The limit of Converse, for models that the catalogue does not know. */
const MOST_STOP_SEQUENCES = 4

type Named = { model: TextModel | undefined; name: string }

/** `inferenceConfig`: what the model refuses is left out, what is out of range is moved to its end; each is said. */
export function inferenceConfigOf(request: TextRequest<unknown>, of: Named, warn: Warn): InferenceConfiguration {
  const stopSequences = stopSequencesOf(request, of, warn)
  return {
    maxTokens: maxTokensFor(request, of, warn),
    ...samplingOf(request, of, warn),
    ...(stopSequences.length > 0 ? { stopSequences } : {}),
  }
}

function maxTokensFor(request: TextRequest<unknown>, { model, name }: Named, warn: Warn): number {
  const maxTokens = maxTokensOf(model, request)
  if (request.maxTokens !== undefined && maxTokens < request.maxTokens) {
    warn(`maxTokens ${request.maxTokens} became ${maxTokens}, the most that ${name} gives.`)
  }
  return maxTokens
}

function samplingOf({ temperature, topP }: TextRequest<unknown>, { model, name }: Named, warn: Warn) {
  const takes = model?.capabilities
  if (takes && !takes.temperature) {
    if (temperature !== undefined) warn(`${name} takes no temperature: ${temperature} was left out.`)
    if (topP !== undefined) warn(`${name} takes no topP: ${topP} was left out.`)
    return {}
  }
  const both = temperature !== undefined && topP !== undefined
  const alone = both && takes?.temperatureWithTopP === false
  if (alone) warn(`${name} takes a temperature or topP: topP ${topP} was left out.`)
  return {
    ...(temperature === undefined ? {} : { temperature: withinOne('temperature', temperature, warn) }),
    ...(topP === undefined || alone ? {} : { topP: withinOne('topP', topP, warn) }),
  }
}

/** Bedrock takes 0 to 1 for every model; other vendors' clients send more. */
function withinOne(what: string, value: number, warn: Warn): number {
  const within = Math.min(1, Math.max(0, value))
  if (within !== value) warn(`${what} ${value} became ${within}: Bedrock takes 0 to 1.`)
  return within
}

function stopSequencesOf({ stopSequences = [] }: TextRequest<unknown>, { model, name }: Named, warn: Warn): string[] {
  const most = model?.capabilities.stopSequences ?? MOST_STOP_SEQUENCES
  // Claude refuses sequences of white space alone.
  const visible = stopSequences.filter((sequence) => sequence.trim() !== '')
  if (visible.length < stopSequences.length) warn('Stop sequences without a visible character were left out.')
  if (visible.length > most) warn(`${name} takes ${most} stop sequences: ${visible.length - most} were left out.`)
  return visible.slice(0, most)
}

type ModelFields = Pick<ConverseCommandInput, 'additionalModelRequestFields' | 'outputConfig'>

/** What has no field of its own in Converse for all models: top_k and thinking. */
export function modelFieldsOf(request: TextRequest<unknown>, of: Named, warn: Warn): ModelFields {
  const { effort, thinking } = thinkingOf(request, of, warn)
  const additionalModelRequestFields = { ...topKOf(request, of, warn), ...(thinking ? { thinking } : {}) }
  return {
    ...(Object.keys(additionalModelRequestFields).length > 0 ? { additionalModelRequestFields } : {}),
    ...(effort ? { outputConfig: { effort } } : {}),
  }
}

function topKOf({ topK }: TextRequest<unknown>, { model, name }: Named, warn: Warn): Record<string, TopK> {
  if (topK === undefined) return {}
  const path = model?.capabilities.topK
  if (path) return path.split('.').reduceRight<TopK>((value, key) => ({ [key]: value }), topK) as Record<string, TopK>
  warn(`${name} is not known to take topK: ${topK} was left out.`)
  return {}
}

type TopK = number | { [key: string]: TopK }

function thinkingOf({ thinking }: TextRequest<unknown>, { model, name }: Named, warn: Warn) {
  if (thinking === undefined) return {}
  if (model?.capabilities.thinking === 'effort') {
    return thinking === 'off' ? { thinking: { type: 'disabled' } } : { effort: thinking }
  }
  // A model that is not told to think does not, which is what was asked for.
  if (thinking !== 'off') warn(`${name} does not think on demand: "${thinking}" was left out.`)
  return {}
}
