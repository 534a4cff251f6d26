import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { LlmError } from '../errors.ts'
import type { Piece } from '../provider.ts'
import { startFakeOllama } from '../testing/fake-ollama.ts'
import type { FakeOllama, OllamaFault } from '../testing/fake-ollama.ts'
import { createOllamaProvider } from './ollama.ts'
import type { OllamaOptions } from './ollama.ts'

const REQUEST = {
  feature: 'article.summary',
  messages: [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'What happened?' }] }],
}
let fake: FakeOllama
beforeEach(async () => void (fake = await startFakeOllama()))
afterEach(() => fake.close())

interface Outcome {
  pieces: Piece[]
  error: unknown
}

async function stream(options: Partial<OllamaOptions> = {}, signal?: AbortSignal): Promise<Outcome> {
  const ollama = createOllamaProvider({ url: fake.url, ...options })
  const pieces: Piece[] = []
  try {
    for await (const piece of ollama.stream(REQUEST, ollama.resolve(undefined, 'text'), { callId: 'call', signal })) {
      pieces.push(piece)
    }
    return { pieces, error: undefined }
  } catch (error) {
    return { pieces, error }
  }
}

const complete = (options: Partial<OllamaOptions> = {}, signal?: AbortSignal): Promise<unknown> => {
  const ollama = createOllamaProvider({ url: fake.url, ...options })
  return ollama
    .complete(REQUEST, ollama.resolve(options.model, 'text'), { callId: 'call', signal })
    .catch((error: unknown) => error)
}

// Name, whether the same call may succeed later, what may have been spent, and words of the server's.
test.each<[OllamaFault, string, boolean, unknown, string]>([
  ['busy', 'LlmThrottled', true, 'nothing', 'maximum pending requests exceeded'],
  ['too-many', 'LlmThrottled', true, 'nothing', 'too many requests'],
  ['error', 'LlmUnavailable', true, 'nothing', 'runner process has terminated'],
  ['unauthorized', 'LlmNotAllowed', false, 'nothing', 'unauthorized'],
  ['other-server', 'LlmUnavailable', false, 'nothing', '404 page not found'],
  ['not-json', 'LlmAnswerInvalid', false, 'unknown', '<html>'],
  ['reset', 'LlmUnavailable', true, 'unknown', 'Ollama at http'],
  ['error-line', 'LlmUnavailable', true, 'unknown', 'CUDA error'],
  ['cut', 'LlmUnavailable', true, 'unknown', 'aborted'],
  ['no-done', 'LlmTruncatedStream', true, 'unknown', 'without "done"'],
  ['half-line', 'LlmTruncatedStream', true, 'unknown', 'without "done"'],
  ['broken-line', 'LlmAnswerInvalid', false, 'unknown', '{"model":'],
  ['stall', 'LlmTimeout', true, 'unknown', 'nothing came for 150 ms'],
  ['hang', 'LlmTimeout', true, 'unknown', 'nothing came for 150 ms'],
])('%s becomes %s after one request, whole and streamed', async (fault, name, retryable, spent, words) => {
  fake.fail(fault, fault)
  const failures = [await complete({ idleTimeoutMs: 150 }), (await stream({ idleTimeoutMs: 150 })).error]
  for (const failure of failures) {
    expect(failure).toBeInstanceOf(LlmError)
    expect(failure).toMatchObject({ name, retryable, spent })
    expect(String(failure)).toContain(words)
  }
  expect(fake.requests).toHaveLength(2)
})

test.each<OllamaFault>(['error-line', 'cut', 'no-done', 'half-line', 'broken-line', 'stall'])(
  'what was written before %s is passed on',
  async (fault) => {
    fake.fail(fault)
    const { pieces } = await stream({ idleTimeoutMs: 150 })
    expect(pieces).toEqual([
      { type: 'text', text: 'This is ' },
      { type: 'text', text: 'a fake ' },
    ])
  },
)

test('a wish to wait is kept', async () => {
  fake.fail('too-many')
  expect(await complete()).toMatchObject({ retryAfterMs: 2_000 })
})

test('a model that is not there is not found', async () => {
  expect(await complete({ model: 'nobody' })).toMatchObject({
    name: 'LlmModelNotFound',
    spent: 'nothing',
    message: expect.stringContaining("model 'nobody' not found") as string,
  })
})

test('a request that the server refuses keeps its words', async () => {
  expect(await complete({ model: 'all-minilm' })).toMatchObject({
    name: 'LlmRefusedRequest',
    message: expect.stringContaining('does not support chat') as string,
  })
})

test('a head that comes late is waited for', async () => {
  fake.fail('slow-headers')
  expect(await complete({ connectTimeoutMs: 100, idleTimeoutMs: 5_000 })).toMatchObject({ stopReason: 'end' })
})

test('silence, not length, is what is limited', async () => {
  fake.answer({ pieceDelayMs: 60, text: ['a', 'b', 'c', 'd', 'e'] })
  expect((await stream({ idleTimeoutMs: 200 })).error).toBeUndefined()
})

test('a whole answer has a deadline', async () => {
  fake.answer({ pieceDelayMs: 60, text: ['a', 'b', 'c', 'd', 'e'] })
  expect(await complete({ requestTimeoutMs: 150 })).toMatchObject({
    name: 'LlmTimeout',
    spent: 'unknown',
    message: expect.stringContaining('no answer within 150 ms') as string,
  })
  await vi.waitFor(() => expect(fake.requests[0]!.cancelled).toBe(true))
})

test('nobody at the address: nothing was spent', async () => {
  const { url } = fake
  await fake.close()
  expect(await complete({ url })).toMatchObject({ name: 'LlmUnavailable', retryable: true, spent: 'nothing' })
  expect(await complete({ url: 'http://no-such-host.invalid' })).toMatchObject({
    name: 'LlmUnavailable',
    spent: 'nothing',
  })
})

test('TLS that never begins ends the wait for a connection', async () => {
  const silent = createServer((socket) => socket.on('error', () => undefined).resume())
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const url = `https://127.0.0.1:${(silent.address() as AddressInfo).port}`
  expect(await complete({ url, connectTimeoutMs: 100 })).toMatchObject({
    name: 'LlmUnavailable',
    spent: 'nothing',
    message: expect.stringContaining('no connection within 100 ms') as string,
  })
  await new Promise((resolve) => silent.close(resolve))
})

test.each(['complete', 'stream'] as const)('cancelling %s hangs up and gives the reason', async (way) => {
  fake.fail('stall')
  const abort = new AbortController()
  const reason = new Error('the caller left')
  const outcome = way === 'complete' ? complete({}, abort.signal) : stream({}, abort.signal)
  await sleep(100)
  abort.abort(reason)
  expect(way === 'complete' ? await outcome : ((await outcome) as Outcome).error).toBe(reason)
  await vi.waitFor(() => expect(fake.requests[0]!.cancelled).toBe(true))
})

test('nothing is sent when the caller has left before', async () => {
  const reason = new Error('the caller left')
  expect(await complete({}, AbortSignal.abort(reason))).toBe(reason)
  expect((await stream({}, AbortSignal.abort(reason))).error).toBe(reason)
  expect(fake.requests).toEqual([])
})

test('leaving the loop hangs up', async () => {
  fake.fail('stall')
  const ollama = createOllamaProvider({ url: fake.url })
  for await (const piece of ollama.stream(REQUEST, ollama.resolve(undefined, 'text'), { callId: 'call' })) {
    expect(piece).toEqual({ type: 'text', text: 'This is ' })
    break
  }
  await vi.waitFor(() => expect(fake.requests[0]!.cancelled).toBe(true))
})
