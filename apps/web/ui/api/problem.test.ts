import { expect, test } from 'vitest'
import { readProblem } from './problem.ts'

test('a problem is told in the server’s words with its request id', async () => {
  const body = {
    type: 'about:blank',
    title: 'The request is not valid',
    status: 400,
    code: 'invalid',
    detail: 'body.url: expected an address',
    requestId: 'r-1',
    errors: [{ field: 'body.url', message: 'expected an address' }, { field: 3 }],
  }
  const problem = await readProblem(Response.json(body, { status: 400 }))
  expect(problem).toMatchObject({ status: 400, title: body.title, message: body.detail, requestId: 'r-1' })
  expect(problem.fields).toEqual([{ field: 'body.url', message: 'expected an address' }])
})

test.each(['<h1>Bad gateway</h1>', '', 'null', '[]', '{"detail":7}'])(
  'the body %s of something in between is a problem too',
  async (body) => {
    const problem = await readProblem(new Response(body, { status: 502, headers: { 'x-request-id': 'r-2' } }))
    expect(problem).toMatchObject({
      status: 502,
      message: 'The server answered 502 without saying why.',
      requestId: 'r-2',
      fields: [],
    })
  },
)
