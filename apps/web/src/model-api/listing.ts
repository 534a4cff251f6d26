import type { ListedModel, ModelListing } from '@dayshift/llm'
import type { WebParts } from '../parts.ts'

const nothing = { tools: false, images: false, thinking: false }
const local = {
  family: 'local',
  provider: 'local',
  contextTokens: null,
  capabilities: nothing,
  modifiedAt: new Date(0),
}
const localModels: ListedModel[] = [
  { ...local, name: 'local', id: 'local-extractive-v1', kind: 'text', embeddingDimensions: null },
  { ...local, name: 'local-hash-v1', id: 'local-hash-v1', kind: 'embedding', embeddingDimensions: 768 },
]
const localOnly: ModelListing = {
  list: () => localModels,
  find: (name) => localModels.find((model) => model.name === name),
}

type Parts = Pick<WebParts, 'models'>

export const listModels = ({ models = localOnly }: Parts): ListedModel[] => models.list()

/** By its name, or by its name with one of Ollama's tags: `llama3.2:latest` and `llama3.2:3b` are both `llama3.2`. */
export function findModel({ models = localOnly }: Parts, name: string): ListedModel | undefined {
  return models.find(name) ?? models.find(name.replace(/:[^:/]*$/, ''))
}
