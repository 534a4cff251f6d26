import { z } from 'zod'
import { defaultCatalogue, findModel } from '../catalogue.ts'

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

const Base64 = z.base64().min(1)
const Text = z.string().refine((text) => text.trim() !== '', 'The text field in the ContentBlock object is blank.')
const Block = z.union([
  z.strictObject({ text: Text }),
  z.strictObject({
    image: z.strictObject({
      format: z.enum(['png', 'jpeg', 'gif', 'webp']),
      source: z.strictObject({ bytes: Base64 }),
    }),
  }),
  z.strictObject({
    document: z.strictObject({
      format: z.enum(['pdf', 'csv', 'doc', 'docx', 'xls', 'xlsx', 'html', 'txt', 'md']),
      // Letters, digits, single white space, hyphens, parentheses and square brackets.
      name: z.string().regex(/^(?!.*\s\s)[A-Za-z0-9\s\-()[\]]{1,200}$/),
      source: z.strictObject({ bytes: Base64 }),
    }),
  }),
  z.strictObject({
    toolUse: z.strictObject({ toolUseId: z.string().min(1).max(64), name: z.string(), input: z.unknown() }),
  }),
  z.strictObject({
    toolResult: z.strictObject({
      toolUseId: z.string().min(1),
      content: z.array(z.strictObject({ text: z.string() })),
      status: z.enum(['success', 'error']).optional(),
    }),
  }),
])
const ToolName = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/)
const ToolConfig = z.strictObject({
  tools: z
    .array(
      z.strictObject({
        toolSpec: z.strictObject({
          name: ToolName,
          description: z.string().min(1),
          inputSchema: z.strictObject({ json: z.looseObject({ type: z.literal('object') }) }),
        }),
      }),
    )
    .min(1),
  toolChoice: z.strictObject({ tool: z.strictObject({ name: ToolName }) }).optional(),
})
const Conversation = z.strictObject({
  messages: z.array(z.strictObject({ role: z.enum(['user', 'assistant']), content: z.array(Block).min(1) })).min(1),
  system: z.array(z.strictObject({ text: Text })).optional(),
  toolConfig: ToolConfig.optional(),
})
const ConverseBody = Conversation.extend({
  inferenceConfig: z.strictObject({
    maxTokens: z.int().positive(),
    temperature: z.number().min(0).max(1).optional(),
    topP: z.number().min(0).max(1).optional(),
    stopSequences: z.array(z.string()).max(4).optional(),
  }),
})
export type ConverseBody = z.output<typeof ConverseBody>

/** @throws Refusal as AWS would, for a body of Converse or ConverseStream. */
export function parseConverse(id: string, json: unknown): ConverseBody {
  const body = parse(ConverseBody, json)
  const { capabilities, maxOutputTokens, kind } = textModel(id)
  const { temperature, topP, maxTokens } = body.inferenceConfig
  if (kind !== 'text') refuse(`The model ${id} is not a text model.`)
  if (temperature !== undefined && !capabilities.temperature) refuse('`temperature` is not supported by this model.')
  if (temperature !== undefined && topP !== undefined && !capabilities.temperatureWithTopP) {
    refuse('`temperature` and `top_p` cannot both be specified for this model. Please use only one.')
  }
  if (maxTokens > (maxOutputTokens ?? Infinity))
    refuse(`The maximum tokens you requested exceeds the model limit of ${maxOutputTokens}.`)
  if (body.toolConfig?.toolChoice && !capabilities.forcedToolChoice)
    refuse("This model doesn't support the toolConfig.toolChoice.tool field.")
  checkTurns(body, capabilities.prefill)
  return body
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
    open = content.flatMap((block) => ('toolUse' in block ? [block.toolUse.toolUseId] : []))
    if ((open.length > 0 || results.length > 0) && !toolConfig)
      refuse('The toolConfig field must be defined when using toolUse and toolResult content blocks.')
  })
  if (!prefill && messages.at(-1)?.role === 'assistant')
    refuse('This model does not support assistant message prefill. The conversation must end with a user message.')
}

/** @throws Refusal as AWS would, for a body of CountTokens. */
export function parseCountTokens(id: string, json: unknown): void {
  textModel(id)
  parse(z.strictObject({ input: z.strictObject({ converse: Conversation }) }), json)
}

const TitanBody = z.strictObject({
  inputText: z.string().min(1).max(50_000),
  dimensions: z.union([z.literal(256), z.literal(512), z.literal(1024)]).default(1024),
  normalize: z.boolean().default(true),
  embeddingTypes: z.array(z.enum(['float', 'binary'])).optional(),
})
export type TitanBody = z.output<typeof TitanBody>

/** @throws Refusal as AWS would, for a body of InvokeModel with Titan Text Embeddings V2. */
export function parseTitan(id: string, json: unknown): TitanBody {
  liveModel(id)
  if (id !== 'amazon.titan-embed-text-v2:0') refuse(`The fake server invokes Titan Text Embeddings V2 only, not ${id}.`)
  return parse(TitanBody, json)
}

function parse<T>(schema: z.ZodType<T>, json: unknown): T {
  const parsed = schema.safeParse(json)
  return parsed.success ? parsed.data : refuse(`Malformed input request: ${z.prettifyError(parsed.error)}`)
}

function textModel(id: string) {
  const model = liveModel(id)
  return model.kind === 'text' ? model : refuse(`The model ${id} does not converse.`)
}

/** An application profile, which does not tell its model, is one of Nova Lite here. */
function liveModel(name: string) {
  const id = name.includes(':application-inference-profile/') ? 'amazon.nova-lite-v1:0' : name.split('/').at(-1)!
  const [, profile, base] = /^(us|eu|apac|jp|au|ca|global)\.(.+)$/.exec(id) ?? []
  const model = findModel(defaultCatalogue, base ?? id)
  if (!model || (profile && !model.profiles.includes(profile)))
    return refuse('The provided model identifier is invalid.')
  if (model.status === 'end-of-life') {
    throw new Refusal(404, 'ResourceNotFoundException', 'This model version has reached the end of its life.')
  }
  if (!profile && !model.onDemand) {
    refuse(
      `Invocation of model ID ${id} with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile that contains this model.`,
    )
  }
  return model
}
