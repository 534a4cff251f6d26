import { z } from 'zod'

/** A resource of a stack, as Terraform writes it. What is known only after it is made stands as `${type.name.attribute}`. */
export interface Resource {
  /** `type.name`, or `type.name[0]`. */
  address: string
  type: string
  name: string
  values: Record<string, unknown>
}

const Values = z.record(z.string(), z.unknown())
const Synth = z.object({ resource: z.record(z.string(), z.record(z.string(), Values)).default({}) })

const PlanModule = z.object({
  resources: z
    .array(z.object({ address: z.string(), mode: z.string(), type: z.string(), name: z.string(), values: Values }))
    .default([]),
  child_modules: z.array(z.unknown()).default([]),
})
const Plan = z.object({
  planned_values: z.object({ root_module: PlanModule }),
  configuration: z.object({
    root_module: z.object({
      resources: z
        .array(z.object({ mode: z.string(), type: z.string(), name: z.string(), expressions: Values.default({}) }))
        .default([]),
    }),
  }),
})

/** The resources of a stack's `cdk.tf.json`. Throws for what only a plan can count. */
export function readSynth(json: unknown): Resource[] {
  const { resource } = Synth.parse(json)
  return Object.entries(resource).flatMap(([type, named]) =>
    Object.entries(named).flatMap(([name, values]) => {
      const address = `${type}.${name}`
      const { count, for_each: each } = values
      if (each !== undefined || (count !== undefined && typeof count !== 'number')) {
        throw new Error(`${address} is made several times; price it from a plan: npm run cost -- --plan <file>.`)
      }
      if (count === undefined) return [{ address, type, name, values }]
      return Array.from({ length: count }, (_, index) => ({ address: `${address}[${index}]`, type, name, values }))
    }),
  )
}

/** The resources of a plan, as `terraform show -json` prints it. Throws when it is something else, or has modules. */
export function readPlan(json: unknown): Resource[] {
  const read = Plan.safeParse(json)
  if (!read.success) throw new Error('Expected a plan as terraform show -json prints it, with planned_values.')
  const { planned_values: planned, configuration } = read.data
  if (planned.root_module.child_modules.length > 0) throw new Error('Expected a plan without modules.')
  return planned.root_module.resources
    .filter(({ mode }) => mode === 'managed')
    .map(({ address, type, name, values }) => {
      const written = configuration.root_module.resources.find((r) => r.type === type && r.name === name)
      return { address, type, name, values: withReferences(values, written?.expressions ?? {}) as Resource['values'] }
    })
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Puts the references that stand in the configuration where the plan does not know the value yet, and in place of every text: of
 * what was made before, the plan knows the ARN, which no longer says to which resource of the stack it belongs.
 */
function withReferences(value: unknown, expression: unknown): unknown {
  if (isRecord(expression) && Array.isArray(expression['references'])) {
    const references = referencesText(expression['references'])
    return isKnown(value) && (typeof value !== 'string' || references === '') ? value : references
  }
  if (Array.isArray(expression)) return blocksWithReferences(Array.isArray(value) ? value : [], expression)
  if (!isRecord(expression) || 'constant_value' in expression) return value
  const known = isRecord(value) ? value : Array.isArray(value) && isRecord(value[0]) ? value[0] : {}
  const filled = Object.entries(expression).map(([name, part]) => [name, withReferences(known[name], part)] as const)
  const merged = { ...known, ...Object.fromEntries(filled) }
  return Array.isArray(value) ? [merged, ...value.slice(1)] : merged
}

/** A plan orders the blocks of a set as it likes: a block belongs to the expression whose constants it has. */
function blocksWithReferences(values: unknown[], expressions: unknown[]): unknown[] {
  if (values.length === 0) return expressions.map((expression) => withReferences(undefined, expression))
  const left = [...expressions]
  return values.map((value) => {
    const index = left.findIndex((expression) => hasConstants(value, expression))
    return index < 0 ? value : withReferences(value, left.splice(index, 1)[0])
  })
}

const hasConstants = (value: unknown, expression: unknown): boolean =>
  !isRecord(value) ||
  !isRecord(expression) ||
  Object.entries(expression).every(
    ([name, part]) =>
      !isRecord(part) ||
      !('constant_value' in part) ||
      'references' in part ||
      JSON.stringify(part['constant_value']) === JSON.stringify(value[name]),
  )

const isKnown = (value: unknown): boolean =>
  value !== undefined && value !== null && !(Array.isArray(value) && value.every((part) => part === null))

/** A plan names each reference twice: `type.name.attribute`, then `type.name`. */
const referencesText = (references: unknown[]): string =>
  references
    .filter((reference): reference is string => typeof reference === 'string' && /^aws_\w+\.[^.]+\./.test(reference))
    .map((reference) => `\${${reference}}`)
    .join('')

/** The addresses that a value refers to, each as often as it does. */
function referencesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn)
  if (typeof value !== 'string') return []
  return [...value.matchAll(/\b((?:data\.)?aws_[a-z0-9_]+\.[A-Za-z0-9_-]+)/g)].map(([, address]) => address!)
}

/** How many there are in a list that may not be known yet. */
export const countIn = (value: unknown): number => (Array.isArray(value) ? value.length : referencesIn(value).length)

export const ofType = (resources: Resource[], type: string): Resource[] =>
  resources.filter((resource) => resource.type === type)

/** The resource of a type that a value refers to. */
export const findReferred = (resources: Resource[], type: string, value: unknown): Resource | undefined => {
  const addresses = referencesIn(value)
  return ofType(resources, type).find(({ name }) => addresses.includes(`${type}.${name}`))
}

/** Whether a value refers to the resource, or names it. */
export const isAbout = (value: unknown, { type, name, values }: Resource): boolean =>
  referencesIn(value).includes(`${type}.${name}`) ||
  (typeof value === 'string' && typeof values['name'] === 'string' && value.split('/').includes(values['name']))

/** A block that may stand once, several times, or not at all. */
export const blocks = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess(
    (value) => (value === undefined || value === null ? [] : Array.isArray(value) ? value : [value]),
    z.array(schema),
  )

/** The values of a resource. Throws with its address when they are not as expected. */
export function readValues<Schema extends z.ZodType>(schema: Schema, resource: Resource): z.output<Schema> {
  const read = schema.safeParse(resource.values)
  if (read.success) return read.data
  throw new Error(`${resource.address} cannot be priced: ${z.prettifyError(read.error)}`)
}
