import { expect, test } from 'vitest'
import { LlmRefusedRequest, LlmThrottled, LlmUnavailable } from '../errors.ts'
import { retry } from './retry.ts'

function recorder(random: number) {
  const pauses: number[] = []
  const options = {
    attempts: 5,
    baseMs: 100,
    maxMs: 300,
    random: () => random,
    sleep: async (ms: number) => void pauses.push(ms),
  }
  return { pauses, options }
}

const failing = (times: number, error: Error) => {
  let calls = 0
  return async () => {
    if (++calls <= times) throw error
    return calls
  }
}

test('pauses are a random part of a bound that doubles up to the maximum', async () => {
  const { pauses, options } = recorder(0.5)
  expect(await retry(failing(4, new LlmUnavailable('down')), options)).toBe(5)
  expect(pauses).toEqual([50, 100, 150, 150])
})

test('a pause is never shorter than the vendor asked for', async () => {
  const { pauses, options } = recorder(0)
  await retry(failing(1, new LlmThrottled('slow', { retryAfterMs: 250 })), options)
  expect(pauses).toEqual([250])
})

test('after the last attempt the error is thrown', async () => {
  const { pauses, options } = recorder(1)
  await expect(retry(failing(5, new LlmUnavailable('down')), options)).rejects.toThrow('down')
  expect(pauses).toHaveLength(4)
})

test.each([new LlmRefusedRequest('wrong'), new Error('a bug'), new LlmThrottled('slow', { retryAfterMs: 301 })])(
  '%s is not tried again',
  async (error) => {
    const { pauses, options } = recorder(0)
    await expect(retry(failing(1, error), options)).rejects.toBe(error)
    expect(pauses).toEqual([])
  },
)
