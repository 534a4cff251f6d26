import { z } from 'zod'
import builtIn from './catalogue.json' with { type: 'json' }

const Day = z.iso.date()
/** Where a call may be worked on: in the client's region, within its geography, or anywhere; the price depends on it. */
const Scope = z.enum(['region', 'geo', 'global'])
export type Scope = z.output<typeof Scope>

/** US dollars for a million tokens; absent means unknown, not free. */
const UsdPerMillion = z.strictObject({
  input: z.number().nonnegative(),
  output: z.number().nonnegative(),
  cacheRead: z.number().nonnegative().optional(),
  /** Kept for five minutes. */
  cacheWrite: z.number().nonnegative().optional(),
  /** Kept for an hour. */
  cacheWrite1h: z.number().nonnegative().optional(),
})

const Price = z.strictObject({
  scopes: z.array(Scope).min(1),
  tier: z.enum(['standard', 'flex', 'priority', 'batch']),
  /** The price holds for prompts up to this length, cache included; null is any. Rows stand in rising order. */
  upToInputTokens: z.int().positive().nullable(),
  usdPerMillion: UsdPerMillion,
  date: Day,
  source: z.string().min(1),
  confidence: z.enum(['high', 'medium', 'assumed']),
})
export type Price = z.output<typeof Price>

/** Absent is unlimited. */
const Limits = z.strictObject({
  concurrency: z.int().positive().optional(),
  requestsPerMinute: z.int().positive().optional(),
  /** Input and `maxTokens` together, as the vendor reserves them. */
  tokensPerMinute: z.int().positive().optional(),
})

const Common = z.strictObject({
  /** Without an inference-profile prefix. */
  id: z.string().min(1),
  name: z.string().min(1),
  family: z.string().min(1),
  status: z.enum(['active', 'legacy', 'end-of-life']),
  launched: Day.nullable(),
  endOfLife: Day.nullable(),
  endOfLifeNotBefore: Day.nullable(),
  /** What answers in its place after its end of life. */
  replacement: z.string().nullable(),
  /** Inference profiles: the prefixes of its id. */
  profiles: z.array(z.string()),
  /** Where the id may be called without a profile: everywhere that the model is, nowhere, or in these regions. */
  onDemand: z.union([z.boolean(), z.array(z.string()).min(1)]),
  prices: z.array(Price),
  /** What the account allows, where it is less than the operator's usual limits. */
  limits: Limits.optional(),
  source: z.string(),
})

/** Points up to which a prompt is kept; shorter prompts than `minTokens` are simply not kept. */
const PromptCache = z.strictObject({
  minTokens: z.int().positive(),
  maxPoints: z.int().positive(),
  ttls: z.array(z.enum(['5m', '1h'])).min(1),
  /** A point may stand after the tools, too. */
  tools: z.boolean(),
})

const Capabilities = z.strictObject({
  /** Neither temperature nor top_p is taken when false. */
  temperature: z.boolean(),
  temperatureWithTopP: z.boolean(),
  /** Where top_k stands in the model's own request fields, as a path with dots; null when it is not taken. */
  topK: z.string().min(1).nullable(),
  /** The most of them; 0 when the field is refused. */
  stopSequences: z.int().nonnegative(),
  /** The last message may be the assistant's beginning of the answer. */
  prefill: z.boolean(),
  forcedToolChoice: z.boolean(),
  nativeStructuredOutput: z.boolean(),
  images: z.boolean(),
  documents: z.boolean(),
  tools: z.boolean(),
  /** Some that take tools refuse them in a stream. */
  toolsInStreams: z.boolean(),
  /** `effort`: it thinks as much as it is told, and may be told not to. */
  thinking: z.enum(['none', 'effort']),
  promptCache: PromptCache.nullable(),
})

const TextModel = Common.extend({
  kind: z.literal('text'),
  contextTokens: z.int().positive().nullable(),
  maxOutputTokens: z.int().positive().nullable(),
  defaultMaxTokens: z.int().positive(),
  capabilities: Capabilities,
})
export type TextModel = z.output<typeof TextModel>

const EmbeddingModel = Common.extend({
  kind: z.literal('embedding'),
  dimensions: z.array(z.int().positive()).min(1),
  defaultDimensions: z.int().positive(),
  maxTextsPerCall: z.int().positive(),
  maxCharacters: z.int().positive().nullable(),
  maxTokens: z.int().positive().nullable(),
})

const Model = z.discriminatedUnion('kind', [TextModel, EmbeddingModel])
export type Model = z.output<typeof Model>

const Catalogue = z
  .strictObject({
    version: z.string(),
    models: z.array(Model),
    /** Names that other products use, without a tag, and dead names; `reason` is shown as a warning. */
    aliases: z.record(z.string(), z.strictObject({ model: z.string(), reason: z.string() })),
  })
  .superRefine(({ models, aliases }, context) => {
    const ids = new Set(models.map((model) => model.id))
    const require = (id: string, path: string[]) => {
      if (!ids.has(id)) context.addIssue({ code: 'custom', path, message: `there is no model "${id}"` })
    }
    if (ids.size < models.length) context.addIssue({ code: 'custom', path: ['models'], message: 'an id stands twice' })
    for (const model of models) if (model.replacement) require(model.replacement, ['models', model.id, 'replacement'])
    for (const [name, { model }] of Object.entries(aliases)) require(model, ['aliases', name])
  })
export type Catalogue = z.output<typeof Catalogue>

/** @throws Error that names every fault of the data, for an operator's own file. */
export function parseCatalogue(data: unknown): Catalogue {
  const parsed = Catalogue.safeParse(data)
  if (!parsed.success) throw new Error(`The model catalogue is not valid:\n${z.prettifyError(parsed.error)}`)
  return parsed.data
}

/** The catalogue that comes with this release. */
export const defaultCatalogue: Catalogue = parseCatalogue(builtIn)

export const findModel = (catalogue: Catalogue, id: string): Model | undefined =>
  catalogue.models.find((model) => model.id === id)

/** Whether the bare id may be called in a region. */
export const isOnDemand = ({ onDemand }: Pick<Model, 'onDemand'>, region: string): boolean =>
  typeof onDemand === 'boolean' ? onDemand : onDemand.includes(region)
