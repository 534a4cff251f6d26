import type { Catalogue, Model } from '../catalogue.ts'
import { LlmError } from '../errors.ts'
import type { Provider } from '../provider.ts'
import { route } from './route.ts'

/** A model as it is offered to callers who choose one by name. */
export interface ListedModel {
  /** What a caller says: an alias such as `llama3.2`, or an id. */
  name: string
  /** The model behind the name. */
  id: string
  family: string
  kind: Model['kind']
  provider: string
  contextTokens: number | null
  embeddingDimensions: number | null
  capabilities: { tools: boolean; images: boolean; thinking: boolean }
  modifiedAt: Date
}

export interface ModelListing {
  list(): ListedModel[]
  /** Also what is not listed but can be asked, such as an ARN or `provider/model`. */
  find(name: string): ListedModel | undefined
}

/** What the first provider answers to by name, and every other one by `provider/…`. */
export function createModelListing(providers: [Provider, ...Provider[]], catalogue: Catalogue): ModelListing {
  const published = new Date(catalogue.version)

  const describe = (name: string, kind: Model['kind']): ListedModel | undefined => {
    try {
      const { target } = route(providers, name, kind)
      const { model } = target
      if (model && model.kind !== kind) return undefined
      const text = model?.kind === 'text' ? model : undefined
      const abilities = text?.capabilities
      return {
        name,
        id: target.id,
        family: model?.family ?? target.provider,
        kind,
        provider: target.provider,
        contextTokens: text?.contextTokens ?? null,
        embeddingDimensions: model?.kind === 'embedding' ? model.defaultDimensions : null,
        capabilities: {
          // What the catalogue does not know is left to the vendor to refuse.
          tools: abilities?.tools ?? target.provider !== 'local',
          images: abilities?.images ?? target.provider !== 'local',
          thinking: abilities !== undefined && abilities.thinking !== 'none',
        },
        modifiedAt: model?.launched ? new Date(model.launched) : published,
      }
    } catch (error) {
      if (error instanceof LlmError) return undefined
      throw error
    }
  }

  /** Kind by kind, the provider's own choice first. */
  const own = (provider: Provider): [name: string, kind: Model['kind']][] => {
    const choices = (['text', 'embedding'] as const).map(
      (kind) => [provider.resolve(undefined, kind).id, kind] as const,
    )
    if (provider.name !== 'bedrock') return choices.map(([id, kind]) => [id, kind])
    return catalogue.models.flatMap(({ id, kind, status }) => (status === 'end-of-life' ? [] : [[id, kind]]))
  }

  const list = (): ListedModel[] => {
    const names = providers.flatMap((provider, i) =>
      own(provider).map(([name, kind]) => [i === 0 ? name : `${provider.name}/${name}`, kind] as const),
    )
    // Names of other products are ours to translate, but an Ollama server has models of these names itself.
    const aliases = providers[0].name === 'ollama' ? [] : Object.keys(catalogue.aliases)
    return [
      ...aliases.flatMap((name) => describe(name, kindOf(catalogue, name)) ?? []),
      ...names.flatMap(([name, kind]) => describe(name, kind) ?? []),
    ]
  }

  const isKnown = ({ name, id, provider }: ListedModel): boolean => {
    if (provider === 'ollama' || name.startsWith('arn:')) return true
    if (provider === 'local') return name === id || name.startsWith('local') || isAlias(catalogue, name)
    return catalogue.models.some((model) => id === model.id || id.endsWith(`.${model.id}`))
  }

  return {
    list,
    find: (name) => {
      const listed = list().find((model) => model.name === name)
      if (listed) return listed
      const kinds = [kindOf(catalogue, name), 'embedding'] as const
      return kinds.map((kind) => describe(name, kind)).find((model) => model && isKnown(model))
    },
  }
}

/** `llama3.2:3b-instruct` is the alias `llama3.2`. */
const isAlias = ({ aliases }: Catalogue, name: string): boolean =>
  Object.hasOwn(aliases, name) || Object.hasOwn(aliases, name.split(':')[0]!)

function kindOf({ aliases, models }: Catalogue, name: string): Model['kind'] {
  const alias = Object.hasOwn(aliases, name) ? aliases[name] : undefined
  const id = alias?.model ?? name.replace(/^[a-z]+\//, '')
  return models.find((model) => id === model.id || id.endsWith(`.${model.id}`))?.kind ?? 'text'
}
