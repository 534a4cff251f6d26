import { expect, test } from 'vitest'
import { embeddingAnswer, parseEmbedding } from './embedding-bodies.ts'

const TITAN = 'amazon.titan-embed-text-v2:0'
const COHERE_3 = 'cohere.embed-english-v3'
const COHERE_4 = 'eu.cohere.embed-v4:0'
const NOVA = 'amazon.nova-2-multimodal-embeddings-v1:0'

const cohere = (more: object) => ({ texts: ['a'], input_type: 'search_document', ...more })
const nova = (more: object, text: object = { truncationMode: 'NONE', value: 'a' }) => ({
  taskType: 'SINGLE_EMBEDDING',
  singleEmbeddingParams: { embeddingPurpose: 'GENERIC_INDEX', text, ...more },
})

test.each<[string, string, unknown]>([
  ['a list for Titan', TITAN, { inputText: ['a'] }],
  ['an empty text for Titan', TITAN, { inputText: '' }],
  ['50,001 characters for Titan', TITAN, { inputText: 'a'.repeat(50_001) }],
  ['more than 8,192 tokens for Titan', TITAN, { inputText: 'a'.repeat(40_000) }],
  ['384 dimensions for Titan', TITAN, { inputText: 'a', dimensions: 384 }],
  ["Titan's body for Cohere", COHERE_3, { inputText: 'a' }],
  ["Cohere's body for Titan", TITAN, cohere({})],
  ['no input_type for Cohere', COHERE_3, { texts: ['a'] }],
  ['97 texts for Cohere', COHERE_3, cohere({ texts: Array.from({ length: 97 }, () => 'a') })],
  ['an empty text for Cohere', COHERE_4, cohere({ texts: ['a', ''] })],
  ['2,049 characters for Cohere 3', COHERE_3, cohere({ texts: ['a'.repeat(2_049)] })],
  ['output_dimension for Cohere 3', COHERE_3, cohere({ output_dimension: 512 })],
  ['768 dimensions for Cohere 4', COHERE_4, cohere({ output_dimension: 768 })],
  ["Cohere 3's way to cut for Cohere 4", COHERE_4, cohere({ truncate: 'END' })],
  ['512 dimensions for Nova', NOVA, nova({ embeddingDimension: 512 })],
  ['no truncationMode for Nova', NOVA, nova({}, { value: 'a' })],
  ['an unknown purpose for Nova', NOVA, nova({ embeddingPurpose: 'search_document' })],
  ['a segmented task for Nova', NOVA, { ...nova({}), taskType: 'SEGMENTED_EMBEDDING' }],
  ['another model', 'amazon.titan-embed-text-v1', { inputText: 'a' }],
])('%s is refused as AWS does', (_, id, body) => {
  expect(() => parseEmbedding(id, body)).toThrow(
    expect.objectContaining({ status: 400, type: 'ValidationException' }) as Error,
  )
})

test.each<[string, unknown, object]>([
  [TITAN, { inputText: '12345678' }, { inputTextTokenCount: 2 }],
  [COHERE_3, cohere({ texts: ['1234', '1234'] }), { response_type: 'embeddings_floats' }],
  [COHERE_4, cohere({ texts: ['12345678'], embedding_types: ['float'] }), { response_type: 'embeddings_by_type' }],
  [NOVA, nova({}, { truncationMode: 'NONE', value: '12345678' }), { embeddings: [{ embeddingType: 'TEXT' }] }],
])('%s answers in its own form, with the tokens in the header', (id, body, form) => {
  const answer = embeddingAnswer(parseEmbedding(id, body))
  expect(answer).toMatchObject({ inputTokens: 2, headers: { 'x-amzn-bedrock-input-token-count': '2' }, json: form })
})
