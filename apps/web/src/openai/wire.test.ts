import { LlmUnavailable } from '@dayshift/llm'
import { describe, expect, test } from 'vitest'
import { send, useModelWeb } from '../testing/model-web.ts'

const web = useModelWeb()
const question = { model: 'llama3.2', messages: [{ role: 'user', content: 'Hi' }] }
const post = (path: string, body?: unknown) => web().send('POST', `/openai/v1${path}`, body)

describe('a stream', () => {
  test('is of events with data alone, and ends with [DONE]', async () => {
    const { headers, body, trailers } = await post('/chat/completions', { ...question, stream: true })
    expect(headers).toMatchObject({ 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' })
    const events = body.split('\n\n')
    expect(events.slice(-2)).toEqual(['data: [DONE]', ''])
    for (const event of events.slice(0, -2))
      expect(JSON.parse(event.replace(/^data: /, ''))).toMatchObject({ choices: [{}] })
    expect(trailers['x-llm-cost-usd']).toBe('0.000105')
  })

  test('that breaks ends with the error and without [DONE]', async () => {
    web().answers({ parts: ['Begun'], error: new LlmUnavailable('the vendor fell ill') })
    const { status, body } = await post('/chat/completions', { ...question, stream: true })
    expect(status).toBe(200)
    expect(body).not.toContain('[DONE]')
    expect(body.split('\n\n').slice(-2)).toEqual([
      'data: {"error":{"message":"the vendor fell ill","param":null,"type":"server_error","code":"unavailable"}}',
      '',
    ])
  })
})

test('what the model refuses or fails at must not be asked again', async () => {
  web().answers({ error: new LlmUnavailable('ill', { retryAfterMs: 5000 }) })
  const { headers } = await post('/chat/completions', question)
  expect(headers).toMatchObject({ 'x-should-retry': 'false', 'retry-after': '5' })
})

test.each([
  ['POST', '/chat/completions', '', 400],
  ['POST', '/chat/completions', '{', 400],
  ['POST', '/chat/completions', '[]', 400],
  ['GET', '/chat/completions', undefined, 405],
  ['POST', '/completions', '{}', 404],
  ['DELETE', '/models/llama3.2', undefined, 404],
])('%s %s of %j is an error in the form of OpenAI', async (method, path, body, status) => {
  const answer = await web().send(method, `/openai/v1${path}`, body)
  expect(answer.status).toBe(status)
  expect(JSON.parse(answer.body)).toMatchObject({
    error: { message: expect.any(String), type: 'invalid_request_error' },
  })
})

test('nobody gets in without a token', async () => {
  const answer = await send('POST', `${web().address}/openai/v1/chat/completions`, question)
  expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, 'Bearer realm="dayshift"'])
  expect(JSON.parse(answer.body)).toMatchObject({ error: { code: 'invalid_api_key' } })
})
