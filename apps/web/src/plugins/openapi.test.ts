import { describe, expect, test } from 'vitest'
import { useTestWeb } from '../testing/web.ts'
import { operationIdOf } from './openapi.ts'

const web = useTestWeb()

interface Operation {
  operationId: string
  summary: string
  tags: string[]
  responses: Record<string, { description: string; content?: Record<string, { schema: object }> }>
  parameters?: { name: string; in: string; required?: boolean; schema: object }[]
  requestBody?: { content: Record<string, { schema: object }> }
  security?: object[]
}
interface Document {
  openapi: string
  info: { title: string; version: string }
  paths: Record<string, Record<string, Operation>>
  components: { securitySchemes: object }
}

const getDocument = async (): Promise<Document> => (await web().nobody('GET', '/api/docs/json')).json()
const operationsOf = ({ paths }: Document) =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )

// What is asked here is said in the OpenAPI Specification 3.1.1, §4.8.
describe('the OpenAPI document', () => {
  test('is one of version 3.1 with the fields that it must have', async () => {
    const document = await getDocument()
    expect(document.openapi).toBe('3.1.0')
    expect(document.info).toMatchObject({ title: 'Dayshift', version: expect.any(String) })
    expect(Object.keys(document.paths).every((path) => path.startsWith('/api/v1/'))).toBe(true)
  })

  test('has every route of the API and no other', async () => {
    const documented = operationsOf(await getDocument()).map(({ path, method }) => `${method.toUpperCase()} ${path}`)
    const routes = web()
      .routes.filter(({ method, url }) => method !== 'HEAD' && url.startsWith('/api/v1/'))
      .map(({ method, url }) => `${method} ${url.replace(/:(\w+)/g, '{$1}')}`)
    expect(documented.toSorted()).toEqual(routes.toSorted())
  })

  test('says of every operation its name, what it does, its answers and its problem', async () => {
    const operations = operationsOf(await getDocument())
    for (const { path, method, operation } of operations) {
      const { default: problem, ...answers } = operation.responses
      expect({ path, method, ...operation, problem, statuses: Object.keys(answers).join() }).toMatchObject({
        path,
        method,
        operationId: expect.stringMatching(/^(get|post|put|patch|delete)([A-Z][A-Za-z]*)+$/),
        summary: expect.stringMatching(/.{5}/),
        tags: [expect.any(String)],
        statuses: expect.stringMatching(/^[2345]\d\d(,[2345]\d\d)*$/),
        problem: { description: expect.any(String), content: { 'application/problem+json': expect.any(Object) } },
      })
      for (const { description } of Object.values(answers)) expect(description).toEqual(expect.any(String))
    }
    const ids = operations.map(({ operation }) => operation.operationId)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('has every parameter of a path, which is required', async () => {
    for (const { path, operation } of operationsOf(await getDocument())) {
      const inPath = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path')
      expect(inPath.map(({ name }) => name)).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))
      for (const { required } of inPath) expect(required).toBe(true)
    }
  })

  test('says which operations need no signing in, and what the cookie is called', async () => {
    const document = await getDocument()
    const open = operationsOf(document).filter(({ operation }) => operation.security?.length === 0)
    expect(open.map(({ operation }) => operation.operationId).toSorted()).toEqual([
      'getHealthLive',
      'getHealthReady',
      'postSession',
    ])
    expect(document.components.securitySchemes).toMatchObject({ session: { name: 'dayshift' } })
  })

  test('says that a list of sources is sent as OPML and events come as a stream', async () => {
    const { paths } = await getDocument()
    const sent = paths['/api/v1/sources/import']?.['post']?.requestBody?.content ?? {}
    expect(Object.keys(sent)).toEqual(['text/x-opml', 'text/xml', 'application/xml'])
    const events = paths['/api/v1/jobs/events']?.['get']?.responses['200']?.content ?? {}
    expect(Object.keys(events)).toEqual(['text/event-stream'])
  })
})

test.each([
  ['GET', '/api/v1/articles/:articleId/revisions', 'getArticlesByArticleIdRevisions'],
  ['DELETE', '/api/v1/session', 'deleteSession'],
  ['PUT', '/api/v1/feed-items', 'putFeedItems'],
])('the operation of %s %s is called %s', (method, url, id) => expect(operationIdOf(method, url)).toBe(id))

test('the page of the documentation loads only what its policy lets in', async () => {
  const { body, headers } = await web().nobody('GET', '/api/docs/')
  const policy = String(headers['content-security-policy'])
  expect(policy).toContain("script-src 'self';")
  expect(policy).not.toMatch(/https?:|upgrade-insecure/)
  const scripts = [...body.matchAll(/<script([^>]*)>([^<]*)/g)]
  expect(scripts).toHaveLength(3)
  for (const [, attributes = '', inline = ''] of scripts) {
    expect(inline.trim()).toBe('')
    const src = /src="([^"]+)"/.exec(attributes)?.[1] ?? ''
    const file = await web().nobody('GET', new URL(src, 'http://localhost/api/docs/').pathname)
    expect([file.statusCode, file.headers['content-type']]).toEqual([200, expect.stringContaining('javascript')])
  }
})
