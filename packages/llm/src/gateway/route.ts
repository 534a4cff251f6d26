import type { Model } from '../catalogue.ts'
import { LlmModelNotFound } from '../errors.ts'
import type { Provider, Target } from '../provider.ts'

/** A model at its provider. */
export interface Stop {
  provider: Provider
  target: Target
}

/** A name that begins so is meant for that provider and for no other. */
const PROVIDERS = ['local', 'bedrock', 'ollama']

/** `provider/model`, a provider's name for its own choice, or a model of the first provider. @throws LlmModelNotFound */
export function route(providers: [Provider, ...Provider[]], name: string | undefined, kind: Model['kind']): Stop {
  const [first] = providers
  if (name === undefined) return { provider: first, target: first.resolve(undefined, kind) }
  const slash = name.indexOf('/')
  const wanted = slash === -1 ? name : name.slice(0, slash)
  const provider = providers.find((provider) => provider.name === wanted)
  if (provider) {
    const rest = slash === -1 ? undefined : name.slice(slash + 1)
    return { provider, target: provider.resolve(rest, kind) }
  }
  if (slash !== -1 && PROVIDERS.includes(wanted)) {
    throw new LlmModelNotFound(`"${name}": the provider ${wanted} is not open here; ${namesOf(providers)} answers.`)
  }
  return { provider: first, target: first.resolve(name, kind) }
}

/** The same for an operator's list, each once; names that no provider of ours has are refused. */
export function routeAll(providers: [Provider, ...Provider[]], names: string[]): Stop[] {
  const stops = names.map((name) => {
    if (providers.every((provider) => provider.name !== name.split('/')[0])) {
      throw new LlmModelNotFound(
        `"${name}" must begin with one of the providers ${PROVIDERS.join(', ')}, such as bedrock/amazon.nova-lite-v1:0.`,
      )
    }
    return route(providers, name, 'text')
  })
  return stops.filter((stop, i) => stops.findIndex((other) => keyOf(other) === keyOf(stop)) === i)
}

/** One name for a model, the same in limits, breakers and messages. */
export const keyOf = ({ target }: Pick<Stop, 'target'>): string => `${target.provider}/${target.id}`

const namesOf = (providers: Provider[]): string => providers.map((provider) => provider.name).join(', ')
