import { expect, test } from 'vitest'
import { z } from 'zod'
import { type TestRoute, useTestWeb } from '../testing/web.ts'

const web = useTestWeb()
const apiRoutes = (): TestRoute[] => web().routes.filter(({ url }) => url.startsWith('/api/v1/'))
const schemaOf = ({ options }: TestRoute) =>
  (options.schema ?? {}) as Record<'params' | 'querystring' | 'body' | 'response', unknown>

const nameOf = ({ method, url }: TestRoute): string => `${method} ${url}`

/** These take no body, and so have no schema for one. */
const bodiless = [
  'POST /api/v1/sources/:sourceId/check',
  'POST /api/v1/jobs/:jobId/retry',
  'POST /api/v1/embeddings/rebuild',
]

test('every route says what it answers', () => {
  expect(apiRoutes().length).toBeGreaterThan(30)
  const silent = apiRoutes().filter((route) => Object.keys(schemaOf(route).response ?? {}).length === 0)
  expect(silent.map(nameOf)).toEqual([])
})

test('every route checks its query, each parameter of its path, and its body', () => {
  const wrong = apiRoutes().filter((route) => {
    const { params, querystring, body } = schemaOf(route)
    const inPath = [...route.url.matchAll(/:(\w+)/g)].map(([, param]) => param)
    const checked = params instanceof z.ZodObject ? Object.keys(params.shape) : []
    const takesBody = ['POST', 'PUT', 'PATCH'].includes(route.method) && !bodiless.includes(nameOf(route))
    return (
      !(querystring instanceof z.ZodObject) ||
      checked.join() !== inPath.join() ||
      takesBody !== body instanceof z.ZodType
    )
  })
  expect(wrong.map(nameOf)).toEqual([])
})

test('no route takes a query that it does not know, or a nul character', async () => {
  for (const { method, url } of apiRoutes()) {
    const path = url.replace(/:\w+/g, (name) => (name === ':jobId' ? '1' : '00000000-0000-4000-8000-000000000000'))
    for (const query of ['unknown=1', 'q=a%00b', 'value=%00', 'indicator=%00', 'technique=%00', 'queue=%00']) {
      const { statusCode } = await web().writer(method, `${path}?${query}`)
      // A person's routes, and those that need a body, are refused for that.
      expect(`${method} ${url}?${query} ${statusCode}`).toMatch(/ (400|403|415)$/)
    }
  }
})
