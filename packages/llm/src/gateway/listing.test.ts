import { expect, test } from 'vitest'
import { createBedrockProvider } from '../bedrock/bedrock.ts'
import { defaultCatalogue } from '../catalogue.ts'
import { createLocalProvider } from '../local/local.ts'
import { createModelListing } from './listing.ts'
import { vendor } from './testing/provider.ts'

const bedrock = createBedrockProvider({ region: 'us-east-1', modelId: 'amazon.nova-lite-v1:0' })
const home = vendor('ollama', { 'llama3.2': [], 'nomic-embed-text': [] }, true)

test('on Bedrock the names of Ollama and the living models are offered, with what the catalogue knows', () => {
  const { list } = createModelListing([bedrock], defaultCatalogue)
  const names = list().map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['llama3.2', 'mistral', 'phi3', 'amazon.nova-lite-v1:0']))
  expect(names).not.toContain('anthropic.claude-3-haiku-20240307-v1:0')
  expect(list().find(({ name }) => name === 'amazon.nova-lite-v1:0')).toMatchObject({
    id: 'amazon.nova-lite-v1:0',
    kind: 'text',
    provider: 'bedrock',
    family: 'nova',
    contextTokens: 300_000,
    capabilities: { tools: true, images: true, thinking: false },
  })
  expect(list().find(({ name }) => name === 'amazon.titan-embed-text-v2:0')).toMatchObject({ kind: 'embedding' })
})

test('what is not listed is found when it can be asked: tags, dead names, profiles, ARNs; nothing else is', () => {
  const { find } = createModelListing([bedrock, createLocalProvider(), home], defaultCatalogue)
  expect(find('llama3.2:3b-instruct')).toMatchObject({ id: 'us.meta.llama4-scout-17b-instruct-v1:0' })
  expect(find('anthropic.claude-3-haiku-20240307-v1:0')?.id).toContain('claude-haiku-5-5')
  expect(find('us.amazon.nova-lite-v1:0')).toMatchObject({ kind: 'text' })
  expect(find('eu.cohere.embed-v4:0')).toMatchObject({ kind: 'embedding' })
  expect(find('arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/x')).toMatchObject({ kind: 'text' })
  expect(find('ollama/qwen3:8b')).toMatchObject({ provider: 'ollama' })
  expect(find('local')).toMatchObject({ provider: 'local', capabilities: { tools: false } })
  expect(['gpt-5', 'vendor.unknown-v1:0', ''].map(find)).toEqual([undefined, undefined, undefined])
})

test('on a laptop the names that clients know are answered by `local`, which says so; others are not', () => {
  const { list, find } = createModelListing([createLocalProvider()], defaultCatalogue)
  expect(new Set(list().map(({ provider }) => provider))).toEqual(new Set(['local']))
  expect(find('llama3.2:latest')).toMatchObject({ id: 'local-extractive-v1', family: 'local' })
  expect(find('qwen3')).toBeUndefined()
})

test('an Ollama server’s own names are its own, and another provider’s have its name before them', () => {
  const { list, find } = createModelListing([home, createLocalProvider()], defaultCatalogue)
  expect(list().map(({ name }) => name)).toEqual([
    'llama3.2',
    'llama3.2',
    'local/local-extractive-v1',
    expect.stringMatching(/^local\/local/),
  ])
  expect(find('qwen3:8b')).toMatchObject({ provider: 'ollama', id: 'qwen3:8b' })
})
