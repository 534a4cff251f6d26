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
  cacheWrite: z.number().nonnegative().optional(),
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
  /** Whether the id may be called without a profile. */
  onDemand: z.boolean(),
  prices: z.array(Price),
  source: z.string(),
})

const Capabilities = z.strictObject({
  temperature: z.boolean(),
  temperatureWithTopP: z.boolean(),
  /** The last message may be the assistant's beginning of the answer. */
  prefill: z.boolean(),
  forcedToolChoice: z.boolean(),
  nativeStructuredOutput: z.boolean(),
  images: z.boolean(),
  documents: z.boolean(),
  tools: z.boolean(),
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
