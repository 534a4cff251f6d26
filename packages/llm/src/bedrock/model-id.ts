import { findModel, isOnDemand } from '../catalogue.ts'
import type { Catalogue, Model, Scope } from '../catalogue.ts'
import { LlmModelNotFound, LlmRefusedRequest } from '../errors.ts'
import type { Target } from '../provider.ts'

export const PROVIDER = 'bedrock'

interface Place {
  catalogue: Catalogue
  region: string
  now: Date
}

const PREFIX = /^(us-gov|us|eu|apac|jp|au|ca|global)\.(.+)$/

/**
 * The model behind a name: a catalogue id with or without an inference-profile prefix, an alias (also with an Ollama tag), or an
 * ARN, which is sent as it is. A model past its end of life gives way to its replacement; whatever changes, a warning says.
 */
export function resolveModel(name: string, place: Place): Target {
  if (name.startsWith('arn:')) return resolveArn(name, place.catalogue)
  const [, prefix, rest] = PREFIX.exec(name) ?? []
  const base = rest ?? name
  const listed = findModel(place.catalogue, base)
  if (listed) return forward(listed, prefix, place)
  const alias = findAlias(place.catalogue, base)
  if (alias) {
    const resolved = forward(findModel(place.catalogue, alias.model)!, prefix, place)
    return {
      ...resolved,
      warnings: [`"${name}" is answered by ${resolved.id}: ${alias.reason}.`, ...resolved.warnings],
    }
  }
  return {
    provider: PROVIDER,
    id: name,
    model: undefined,
    scope: scopeOf(prefix),
    warnings: [`"${name}" is not in the model catalogue: its price, limits and abilities are not known.`],
  }
}

/** @throws LlmRefusedRequest, LlmModelNotFound when a known model does other work than is asked for. */
export function checkKind({ id, model }: Pick<Target, 'id' | 'model'>, kind: Model['kind']): void {
  if (!model || model.kind === kind) return
  if (kind === 'text') throw new LlmRefusedRequest(`${id} makes embeddings, not text.`)
  throw new LlmModelNotFound(`${id} makes text, not embeddings.`)
}

/** Follows replacements until a model lives; the chain is as short as the catalogue. */
function forward(model: Model, prefix: string | undefined, place: Place): Target {
  const warnings: string[] = []
  let live = model
  for (let step = 0; step < place.catalogue.models.length && isDead(live, place.now) && live.replacement; step++) {
    const next = findModel(place.catalogue, live.replacement)!
    warnings.push(
      `${live.name} reached its end of life on ${live.endOfLife ?? 'an unknown day'}; ${next.name} answers.`,
    )
    live = next
  }
  if (live.status === 'legacy')
    warnings.push(`${live.name} is legacy${live.endOfLife ? ` and ends on ${live.endOfLife}` : ''}.`)
  const profile = prefix && live.profiles.includes(prefix) ? prefix : chooseProfile(live, place.region)
  if (!profile && !isOnDemand(live, place.region)) {
    warnings.push(`${live.name} has no inference profile for the region ${place.region}: Bedrock may refuse it there.`)
  }
  if (profile === 'global' && prefix !== 'global') {
    warnings.push(`${live.name} is called through its global profile: it may be worked on in any region.`)
  }
  const id = profile ? `${profile}.${live.id}` : live.id
  return { provider: PROVIDER, id, model: live, scope: scopeOf(profile), warnings }
}

function isDead(model: Model, now: Date): boolean {
  return (
    model.status === 'end-of-life' || (model.endOfLife !== null && model.endOfLife <= now.toISOString().slice(0, 10))
  )
}

/** None when the bare id may be called: the caller's region then keeps the data. */
function chooseProfile(model: Model, region: string): string | undefined {
  if (isOnDemand(model, region)) return undefined
  return [...geographiesOf(region), 'global'].find((profile) => model.profiles.includes(profile))
}

/** Prefixes of the inference profiles that a region belongs to, narrowest first. */
function geographiesOf(region: string): string[] {
  if (region.startsWith('us-gov-')) return ['us-gov']
  if (region.startsWith('us-')) return ['us']
  if (region.startsWith('eu-')) return ['eu']
  if (region.startsWith('ca-')) return ['ca']
  if (['ap-northeast-1', 'ap-northeast-3'].includes(region)) return ['jp', 'apac']
  if (['ap-southeast-2', 'ap-southeast-4'].includes(region)) return ['au', 'apac']
  return region.startsWith('ap-') ? ['apac'] : []
}

function scopeOf(prefix: string | undefined): Scope {
  if (prefix === undefined) return 'region'
  return prefix === 'global' ? 'global' : 'geo'
}

/** `llama3.2:3b-instruct` is found by `llama3.2`. */
const findAlias = (catalogue: Catalogue, name: string) =>
  ownEntry(catalogue.aliases, name) ?? ownEntry(catalogue.aliases, name.split(':')[0]!)

const ownEntry = <T>(record: Record<string, T>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined

/** Of a system profile or a foundation model the last part is the id; an application profile does not tell its model. */
function resolveArn(arn: string, catalogue: Catalogue): Target {
  const [, prefix, rest] = PREFIX.exec(arn.split('/').at(-1)!) ?? []
  const model = findModel(catalogue, rest ?? arn.split('/').at(-1)!)
  const warnings = model ? [] : [`The catalogue does not tell which model is behind ${arn}: its price is not known.`]
  return { provider: PROVIDER, id: arn, model, scope: scopeOf(prefix), warnings }
}
