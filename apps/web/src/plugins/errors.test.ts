import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { Conflict, Invalid, NotAllowed, NotFound, NotSignedIn, TooLarge } from '@dayshift/domain/errors'
import {
  LlmAnswerInvalid,
  LlmModelNotFound,
  LlmNotAllowed,
  LlmOverBudget,
  LlmPriceUnknown,
  LlmRefusedRequest,
  LlmResting,
  LlmThrottled,
  LlmTimeout,
  LlmTruncatedStream,
  LlmUnavailable,
} from '@dayshift/llm'
import { SessionStoreUnavailable } from '@dayshift/session'
import Fastify from 'fastify'
import { describe, expect, test } from 'vitest'
import { useTestWeb } from '../testing/web.ts'
import { errors, Problem } from './errors.ts'

const web = useTestWeb()

const usedUp = {
  name: 'all, per day',
  limitUsd: 1.5,
  usedUsd: 1.4,
  neededUsd: 0.2,
  resetsAt: new Date(Date.now() + 60_000),
}

describe('an error in our words', () => {
  test.each([
    [new Invalid('bad'), 400, 'invalid'],
    [new NotSignedIn('who'), 401, 'not-signed-in'],
    [new NotAllowed('no'), 403, 'not-allowed'],
    [new NotFound('article', '1'), 404, 'not-found'],
    [new Conflict('twice'), 409, 'conflict'],
    [new TooLarge('big'), 413, 'too-large'],
    [new SessionStoreUnavailable('redis://:secret@10.0.0.1'), 503, 'unavailable'],
    [new LlmRefusedRequest('too long'), 400, 'invalid'],
    [new LlmNotAllowed('the role secret may not'), 403, 'not-allowed'],
    [new LlmPriceUnknown('no price'), 403, 'not-allowed'],
    [new LlmModelNotFound('no such model'), 404, 'not-found'],
    [new LlmThrottled('slow down'), 429, 'too-many-requests'],
    [new LlmOverBudget(usedUp), 429, 'over-budget'],
    [new LlmAnswerInvalid('nonsense'), 502, 'model-failed'],
    [new LlmTruncatedStream('cut'), 502, 'model-failed'],
    [new LlmUnavailable('ill'), 503, 'unavailable'],
    [new LlmResting('resting'), 503, 'unavailable'],
    [new LlmTimeout('too long'), 504, 'model-too-slow'],
    [new TypeError('secret of the inside'), 500, 'internal'],
    [Object.assign(new Error('secret of the inside'), { statusCode: 502 }), 500, 'internal'],
  ])('%s leaves as a problem with status %i', async (error, status, code) => {
    const server = Fastify()
    await server.register(errors)
    server.get('/', async () => {
      throw error
    })
    const answer = await server.inject('/')
    expect(answer.statusCode).toBe(status)
    expect(answer.headers['content-type']).toBe('application/problem+json')
    const body: unknown = answer.json()
    expect(Problem.parse(body)).toMatchObject({ status, code, type: 'about:blank' })
    expect(Object.keys(body as object)).not.toContain('stack')
    expect(answer.body).not.toMatch(/secret|node_modules|errors\.test/)
  })

  test.each([
    [new LlmThrottled('slow down', { retryAfterMs: 1500 }), '2'],
    [new LlmOverBudget(usedUp), expect.stringMatching(/^(5\d|60)$/)],
    [new LlmThrottled('slow down'), undefined],
  ])('%s says when to come back: %s', async (error, retryAfter) => {
    const server = Fastify()
    await server.register(errors)
    server.get('/', async () => {
      throw error
    })
    expect((await server.inject('/')).headers['retry-after']).toEqual(retryAfter)
  })

  test('the field that is wrong is named', async () => {
    const server = Fastify()
    await server.register(errors)
    server.get('/', async () => {
      throw new Invalid('no such zone', 'zone')
    })
    expect((await server.inject('/')).json()).toMatchObject({ errors: [{ field: 'zone', message: 'no such zone' }] })
  })
})

describe('a request that cannot be', () => {
  let listening: Promise<string> | undefined
  const address = (): Promise<string> => (listening ??= web().server.listen({ port: 0, host: '127.0.0.1' }))
  const json = { 'content-type': 'application/json' }
  const sources = '/api/v1/sources'
  test.each([
    ['malformed JSON', sources, '{"url":', json, 400, 'invalid'],
    ['an empty body', sources, '', json, 400, 'invalid'],
    ['a body that is no object', sources, '[]', json, 400, 'invalid'],
    ['__proto__ in JSON', sources, '{"url":"https://a.example/","__proto__":{"x":1}}', json, 400, 'invalid'],
    ['an unknown field', sources, '{"url":"https://a.example/","role":"administrator"}', json, 400, 'invalid'],
    ['a nul character', sources, '{"url":"https://a.example/\\u0000"}', json, 400, 'invalid'],
    ['a body nested deep', sources, `{"url":${'['.repeat(200_000)}${']'.repeat(200_000)}}`, json, 400, 'invalid'],
    ['a body above 1 MiB', sources, `{"url":"${'a'.repeat(1_048_576)}"}`, json, 413, 'too-large'],
    [
      'a form',
      sources,
      'url=x',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'unsupported-media-type',
    ],
    [
      'plain text',
      sources,
      '{"url":"https://a.example/"}',
      { 'content-type': 'text/plain' },
      415,
      'unsupported-media-type',
    ],
    ['no content type', sources, 'x', { 'content-type': '' }, 415, 'unsupported-media-type'],
    ['an unknown API path', '/api/v1/nothing', '{}', json, 404, 'not-found'],
    ['a method that the path does not have', '/api/v1/articles', '{}', json, 404, 'not-found'],
  ])('with %s gets a problem', async (_what, url, payload, headers, status, code) => {
    const answer = await web().person('POST', url, { payload, headers })
    expect(answer.statusCode).toBe(status)
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect(Problem.parse(answer.json())).toMatchObject({ status, code })
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  test.each([
    ['/api/v1/articles?limt=5', 'query', /limt/],
    ['/api/v1/sources?x=1', 'query', /x/],
    ['/api/v1/articles?limit=0', 'query.limit', />=1/],
    ['/api/v1/articles?limit=5&limit=6', 'query.limit', /number/],
    ['/api/v1/articles/7', 'params.articleId', /UUID/],
  ])('%s is told what is wrong with %s', async (url, field, message) => {
    const answer = await web().person('GET', url)
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({ errors: [{ field, message: expect.stringMatching(message) }] })
  })

  test.each(['/%E0%A4%A', '/api/v1/articles/%zz', `/api/v1/articles/${'a'.repeat(300)}`])(
    'the address %s gets a problem with the headers of all others',
    async (url) => {
      const answer = await web().person('GET', url)
      expect(answer.statusCode).toBeGreaterThanOrEqual(400)
      expect(answer.statusCode).toBeLessThan(500)
      expect(Problem.parse(answer.json()).requestId).toBe(answer.headers['x-request-id'])
      expect(answer.headers).toMatchObject({
        'content-type': 'application/problem+json',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'content-security-policy': expect.stringContaining("default-src 'none'"),
      })
    },
  )

  test.each([
    ['GARBAGE\r\n\r\n', 400, 'invalid'],
    [`GET / HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(20_000)}\r\n\r\n`, 431, 'headers-too-large'],
    [
      'POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      400,
      'invalid',
    ],
  ])('what is no HTTP gets a problem on the wire: %.30s', async (sent, status, code) => {
    const socket = connect(Number(new URL(await address()).port), '127.0.0.1')
    socket.write(sent)
    const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n')
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(head).toContain('content-type: application/problem+json')
    expect(Problem.parse(JSON.parse(body))).toMatchObject({ status, code })
  })
})

describe('the id of a request', () => {
  test('is echoed when it is harmless, in the header and in the problem', async () => {
    const headers = { 'x-request-id': 'trace-0123456789' }
    const answer = await web().person('GET', '/api/v1/articles/7', { headers })
    expect(answer.headers['x-request-id']).toBe('trace-0123456789')
    expect(answer.json()).toMatchObject({ requestId: 'trace-0123456789' })
  })

  test.each([
    'short',
    'a'.repeat(65),
    'line\tbreak123',
    '<script>alert(1)</script>',
    '../../etc/passwd',
    'a b c d e f',
  ])('is ours instead of %s', async (id) => {
    const { headers } = await web().nobody('GET', '/api/v1/health/live', { headers: { 'x-request-id': id } })
    expect(headers['x-request-id']).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  })
})

test('what was not expected goes to the log with the id that the answer has, and without the query', async () => {
  const { context, reader, log } = web()
  const { db } = context
  await db.schema.alterTable('summary').renameTo('summary_away').execute()
  const answer = await reader('GET', '/api/v1/articles?indicator=private.example')
  await db.schema.alterTable('summary_away').renameTo('summary').execute()
  expect(answer.statusCode).toBe(500)
  expect(answer.body).not.toContain('summary')
  const entry = log.find(({ level, text }) => level === 'error' && text.includes('unexpected error'))
  expect(entry?.text).toContain('relation')
  expect(entry?.text).not.toContain('private.example')
})
