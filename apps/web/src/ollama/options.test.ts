import { describe, expect, test } from 'vitest'
import { readOptions } from './options.ts'

const read = (options: Record<string, unknown> | null, provider = 'bedrock') => {
  const warnings: string[] = []
  return { ...readOptions(options, provider, warnings), warnings }
}

describe('options', () => {
  test('that are absent say nothing', () => {
    expect(read(null)).toEqual({ warnings: [] })
    expect(read({ temperature: null, unknown: 'x', mirostat: 2 })).toEqual({ warnings: [] })
  })

  test('of 0 are kept where 0 means something', () => {
    expect(read({ temperature: 0, top_p: 0 })).toEqual({ temperature: 0, topP: 0, warnings: [] })
    expect(read({ num_predict: 0, top_k: 0, stop: [''] })).toEqual({ warnings: [] })
  })

  test('of whole numbers are cut to them, as in Go', () => {
    expect(read({ num_predict: 10.9, top_k: 5.5 })).toMatchObject({ maxTokens: 10, topK: 5 })
  })

  test('for an answer without end leave the limit to the model, and say so', () => {
    const { maxTokens, warnings } = read({ num_predict: -1 })
    expect([maxTokens, warnings]).toEqual([undefined, [expect.stringContaining('default limit')]])
  })

  test('of heat are lowered for models that end at 1', () => {
    expect(read({ temperature: 1.8 })).toMatchObject({ temperature: 1, warnings: [expect.stringContaining('1.8')] })
    expect(read({ temperature: 1.8 }, 'ollama')).toEqual({ temperature: 1.8, warnings: [] })
  })

  test('without an equivalent are named, those of machines are not', () => {
    expect(read({ seed: 1, num_ctx: 4096, repeat_penalty: 1.1, num_thread: 8, use_mmap: true }).warnings).toEqual([
      expect.stringMatching(/seed, num_ctx, repeat_penalty\.$/),
    ])
  })

  test('named like what every object has are unknown', () => {
    expect(read(JSON.parse('{"__proto__":1,"constructor":2,"toString":3}') as Record<string, unknown>)).toEqual({
      warnings: [],
    })
  })
})
