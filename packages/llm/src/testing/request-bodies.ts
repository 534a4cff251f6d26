import { z } from 'zod'
import { defaultCatalogue, findModel, isOnDemand } from '../catalogue.ts'
import type { TextModel } from '../catalogue.ts'
import { Conversation, ConverseBody, ModelFields, NativeSchema, RequestMetadata } from './converse-bodies.ts'
import type { CachePoint } from './converse-bodies.ts'

/** Where the fake server stands. */
const REGION = 'us-east-1'

/** What AWS answers to a request that it does not take. */
export class Refusal extends Error {
  override name = 'Refusal'
  readonly status: number
  readonly type: string
  constructor(status: number, type: string, message: string) {
    super(message)
    this.status = status
    this.type = type
  }
}

const refuse = (message: string): never => {
  throw new Refusal(400, 'ValidationException', message)
}

/** @throws Refusal as AWS would, for a body of Converse or ConverseStream. */
export function parseConverse(id: string, json: unknown, streams = false): ConverseBody {
  const body = parse(ConverseBody, json)
  const model = textModel(id)
  checkParameters(body, model)
  checkModelFields(body, model)
  checkTools(body, model, streams)
  checkTier(body, model)
  checkTurns(body, model.capabilities.prefill)
  checkCachePoints(body, model)
  return body
}

function checkParameters({ inferenceConfig }: ConverseBody, { capabilities, maxOutputTokens }: TextModel): void {
  const { temperature, topP, maxTokens, stopSequences = [] } = inferenceConfig
  if (temperature !== undefined && !capabilities.temperature) refuse('`temperature` is not supported by this model.')
  if (topP !== undefined && !capabilities.temperature) refuse('`top_p` is not supported by this model.')
  if (temperature !== undefined && topP !== undefined && !capabilities.temperatureWithTopP) {
    refuse('`temperature` and `top_p` cannot both be specified for this model. Please use only one.')
  }
  if (maxTokens > (maxOutputTokens ?? Infinity))
    refuse(`The maximum tokens you requested exceeds the model limit of ${maxOutputTokens}.`)
  if (stopSequences.length > 0 && capabilities.stopSequences === 0)
    refuse("This model doesn't support the stopSequences field. Remove stopSequences and try again.")
  if (stopSequences.some((sequence) => sequence.trim() === ''))
    refuse('stop_sequences: each stop sequence must contain non-whitespace')
}

function checkModelFields({ additionalModelRequestFields, outputConfig }: ConverseBody, model: TextModel): void {
  const { capabilities, family } = model
  if (additionalModelRequestFields) {
    const fields = parse(ModelFields[family] ?? z.strictObject({}), additionalModelRequestFields)
    const { top_k, thinking } = fields as { top_k?: number; thinking?: object }
    if (top_k !== undefined && capabilities.topK === null) refuse('`top_k` is not supported by this model.')
    if (thinking && capabilities.thinking === 'none') refuse('Malformed input request: extraneous key [thinking]')
  }
  if (outputConfig?.effort && capabilities.thinking !== 'effort') {
    refuse("This model doesn't support the outputConfig.effort field.")
  }
  const schema = outputConfig?.textFormat?.structure.jsonSchema.schema
  if (schema === undefined) return
  if (!capabilities.nativeStructuredOutput) refuse("This model doesn't support the outputConfig.textFormat field.")
  parse(NativeSchema, JSON.parse(schema))
}

function checkTools({ toolConfig }: ConverseBody, { capabilities }: TextModel, streams: boolean): void {
  if (!toolConfig) return
  const { toolChoice } = toolConfig
  if (!capabilities.tools) refuse("This model doesn't support tool use.")
  if (streams && !capabilities.toolsInStreams) refuse("This model doesn't support tool use in streaming mode.")
  if (toolChoice && !('auto' in toolChoice) && !capabilities.forcedToolChoice)
    refuse("This model doesn't support the toolConfig.toolChoice.tool field.")
}

function checkTier({ serviceTier }: ConverseBody, { prices }: TextModel): void {
  const type = serviceTier?.type ?? 'default'
  if (type !== 'default' && !prices.some(({ tier }) => tier === type)) {
    refuse(`The service tier ${type} is not supported for this model.`)
  }
}

function checkTurns({ messages, toolConfig }: ConverseBody, prefill: boolean): void {
  let open: string[] = []
  messages.forEach(({ role, content }, i) => {
    if (role !== (i % 2 === 0 ? 'user' : 'assistant'))
      refuse('A conversation must alternate between user and assistant roles, and start with the user.')
    const results = content.flatMap((block) => ('toolResult' in block ? [block.toolResult.toolUseId] : []))
    if (role === 'user' && results.toSorted().join() !== open.toSorted().join()) {
      refuse('The number of toolResult blocks does not match the toolUse blocks of the previous turn.')
    }
    if (role === 'user' && content.some((block) => 'reasoningContent' in block))
      refuse('A reasoningContent block is allowed in assistant messages only.')
    if (content.some((block) => 'document' in block) && !content.some((block) => 'text' in block))
      refuse('If you include a document, you must also include a text block.')
    open = content.flatMap((block) => ('toolUse' in block ? [block.toolUse.toolUseId] : []))
    if ((open.length > 0 || results.length > 0) && !toolConfig)
      refuse('The toolConfig field must be defined when using toolUse and toolResult content blocks.')
  })
  if (!prefill && messages.at(-1)?.role === 'assistant')
    refuse('This model does not support assistant message prefill. The conversation must end with a user message.')
}

function checkCachePoints({ messages, system = [], toolConfig }: ConverseBody, { capabilities }: TextModel): void {
  const isPoint = (block: object): block is CachePoint => 'cachePoint' in block
  const lists = [toolConfig?.tools ?? [], system, ...messages.map(({ content }) => content)]
  const points = lists.flatMap((list) => (list as object[]).filter(isPoint))
  const { promptCache } = capabilities
  if (points.length === 0) return
  if (!promptCache) return refuse('You invoked an unsupported model or your request did not allow prompt caching.')
  if (points.length > promptCache.maxPoints)
    refuse(`A maximum of ${promptCache.maxPoints} cachePoint blocks is allowed.`)
  if (!promptCache.tools && toolConfig?.tools.some(isPoint))
    refuse('tools: extraneous key [cachePoint] is not permitted')
  if (lists.some(([first]) => first && isPoint(first))) refuse('A cachePoint block must follow another block.')
  const hours = points.map(({ cachePoint }) => cachePoint.ttl === '1h')
  if (hours.includes(true) && !promptCache.ttls.includes('1h')) refuse('This model does not support a ttl of 1h.')
  if (hours.lastIndexOf(true) > hours.indexOf(false) && hours.includes(false))
    refuse('a ttl=1h cache_control block must not come after a ttl=5m cache_control block')
}

/** @throws Refusal as AWS would, for a body of CountTokens. */
export function parseCountTokens(id: string, json: unknown): void {
  textModel(id)
  parse(z.strictObject({ input: z.strictObject({ converse: Conversation }) }), json)
}

/** @throws Refusal as AWS would, for the header of InvokeModel with key-value pairs. */
export function parseMetadataHeader(header: string | string[] | undefined): Record<string, string> | undefined {
  if (header === undefined) return undefined
  return parse(RequestMetadata, JSON.parse(String(header)))
}

function parse<T>(schema: z.ZodType<T>, json: unknown): T {
  const parsed = schema.safeParse(json)
  return parsed.success ? parsed.data : refuse(`Malformed input request: ${z.prettifyError(parsed.error)}`)
}

function textModel(id: string): TextModel {
  const model = liveModel(id)
  return model.kind === 'text' ? model : refuse(`The model ${id} does not converse.`)
}

/** An application profile, which does not tell its model, is one of Nova Lite here. @throws Refusal */
export function liveModel(name: string) {
  const id = name.includes(':application-inference-profile/') ? 'amazon.nova-lite-v1:0' : name.split('/').at(-1)!
  const [, profile, base] = /^(us|eu|apac|jp|au|ca|global)\.(.+)$/.exec(id) ?? []
  const model = findModel(defaultCatalogue, base ?? id)
  if (!model || (profile && !model.profiles.includes(profile)))
    return refuse('The provided model identifier is invalid.')
  if (model.status === 'end-of-life') {
    throw new Refusal(404, 'ResourceNotFoundException', 'This model version has reached the end of its life.')
  }
  if (!profile && !isOnDemand(model, REGION)) {
    refuse(
      `Invocation of model ID ${id} with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile that contains this model.`,
    )
  }
  return model
}
