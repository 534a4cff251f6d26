import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { useModelWeb } from '../testing/model-web.ts'

const web = useModelWeb()
const client = () => new OpenAI({ baseURL: `${web().address}/openai/v1`, apiKey: web().token })

describe('embeddings', () => {
  // By the test model: 0.6 at the place of the text's length, 0.8 at place 511. The client asks for base64 by itself.
  test('are the same in base64 as in numbers', async () => {
    const request = { model: 'embedder', input: ['abc', 'abcd'] }
    const packed = await client().embeddings.create(request)
    const plain = await client().embeddings.create({ ...request, encoding_format: 'float' })
    expect(packed).toMatchObject({ object: 'list', model: 'embedder', usage: { prompt_tokens: 20, total_tokens: 20 } })
    expect(packed.data.map(({ index, object }) => [index, object])).toEqual([
      [0, 'embedding'],
      [1, 'embedding'],
    ])
    for (const { data } of [packed, plain]) {
      expect(data[1]?.embedding).toHaveLength(768)
      expect(data[1]?.embedding[4]).toBeCloseTo(0.6, 6)
      expect(data[1]?.embedding[511]).toBeCloseTo(0.8, 6)
    }
  })

  test('are little-endian 32-bit floats in base64', async () => {
    const body = { model: 'embedder', input: 'abc', dimensions: 4, encoding_format: 'base64' }
    const answer = await web().send('POST', '/openai/v1/embeddings', body)
    const [first] = (JSON.parse(answer.body) as { data: { embedding: string }[] }).data
    // IEEE 754: 1 is 0x3f800000.
    expect(Buffer.from(first?.embedding ?? '', 'base64').toString('hex')).toBe('0000000000000000000000000000803f')
  })

  test('are shortened on wish, and cannot be lengthened', async () => {
    const { data } = await client().embeddings.create({ model: 'embedder', input: 'abc', dimensions: 4 })
    expect(data[0]?.embedding).toEqual([0, 0, 0, 1])
    const refusal = { status: 400, param: 'dimensions' }
    await expect(
      client().embeddings.create({ model: 'embedder', input: 'abc', dimensions: 1024 }),
    ).rejects.toMatchObject(refusal)
  })

  test.each([
    [[1, 2, 3], 'input', /tokens are not taken/],
    [[[1, 2], [3]], 'input', /tokens are not taken/],
    ['', 'input', /./],
    [[], 'input', /./],
    [['a', ''], 'input[1]', /./],
  ])('of %j are refused', async (input, param, message) => {
    const asked = client().embeddings.create({ model: 'embedder', input })
    await expect(asked).rejects.toMatchObject({ status: 400, param, message: expect.stringMatching(message) })
  })

  test('are not made by models for text', async () => {
    await expect(client().embeddings.create({ model: 'llama3.2', input: 'a' })).rejects.toMatchObject({
      status: 400,
      param: 'model',
    })
  })
})

describe('models', () => {
  test('are listed', async () => {
    const { data } = await client().models.list()
    expect(data[0]).toEqual({ id: 'llama3.2', object: 'model', created: 1783382400, owned_by: 'bedrock' })
    expect(data.map(({ id }) => id)).toEqual(['llama3.2', 'plain', 'vendor.model-v1:0', 'embedder'])
  })

  test('are found by name, also with colons', async () => {
    expect(await client().models.retrieve('vendor.model-v1:0')).toMatchObject({ id: 'vendor.model-v1:0' })
    await expect(client().models.retrieve('no/such')).rejects.toMatchObject({ status: 404, code: 'model_not_found' })
  })
})
