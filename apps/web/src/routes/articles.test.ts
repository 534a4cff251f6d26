import type { ArticleRow } from '@dayshift/domain/articles'
import { beforeAll, describe, expect, test } from 'vitest'
import { insertArticle, insertSource } from '../testing/content.ts'
import { useTestWeb } from '../testing/web.ts'

const web = useTestWeb()
const list = (query = '') => web().reader('GET', `/api/v1/articles${query}`)

let sourceId = ''
const ids: string[] = []
beforeAll(async () => {
  sourceId = await insertSource(web().context.db, 'Paged')
  // Seven articles share each minute, so that pages end between articles of the same time.
  for (let index = 0; index < 45; index += 1) {
    const publishedAt = new Date(Date.UTC(2026, 0, 1, 0, Math.floor(index / 7)))
    ids.push(await insertArticle(web().context.db, { sourceId, publishedAt, title: `Article ${index}` }))
  }
})

interface Page {
  items: ArticleRow[]
  nextCursor: string | null
}

async function walk(limit: number, between: () => Promise<unknown>): Promise<string[]> {
  const seen: string[] = []
  let cursor: string | null = null
  do {
    const page: Page = (await list(`?limit=${limit}${cursor === null ? '' : `&cursor=${cursor}`}`)).json()
    seen.push(...page.items.map(({ id }) => id))
    cursor = page.nextCursor
    await between()
  } while (cursor !== null)
  return seen
}

describe('pages', () => {
  test.each([1, 4, 45, 200])('of %i give every article once, from the newest', async (limit) => {
    const seen = await walk(limit, async () => {})
    expect(seen).toHaveLength(45)
    expect(seen.toSorted()).toEqual(ids.toSorted())
    const times = (await list('?limit=200')).json().items.map(({ publishedAt }: { publishedAt: string }) => publishedAt)
    expect(times).toEqual(times.toSorted().toReversed())
  })

  test('give every article once while newer ones arrive', async () => {
    const seen = await walk(10, () => insertArticle(web().context.db, { sourceId, title: 'A newer one' }))
    expect(seen.filter((id) => ids.includes(id)).toSorted()).toEqual(ids.toSorted())
    expect(new Set(seen).size).toBe(seen.length)
  })

  const cursor = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const id = '00000000-0000-4000-8000-000000000000'
  test.each([
    ['an empty one', ''],
    ['no base64', '%%%'],
    ['text', 'abc'],
    ['another list', cursor('17')],
    ['null', cursor(null)],
    ['a time that PostgreSQL does not have', cursor({ sortAt: '-271821-04-20T00:00:00.000Z', id })],
    ['a number for a time', cursor({ sortAt: 1, id })],
    ['an id that is none', cursor({ sortAt: '2026-01-01T00:00:00.000Z', id: "' or 1=1" })],
    ['something more', cursor({ sortAt: '2026-01-01T00:00:00.000Z', id, more: 1 })],
    ['a million characters', 'a'.repeat(10_000)],
  ])('a cursor that is %s is not valid', async (_what, given) => {
    const answer = await list(`?cursor=${encodeURIComponent(given)}`)
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({ code: 'invalid' })
  })

  test.each([
    ['jobs', cursor('99999999999999999999')],
    ['jobs', cursor({})],
    ['indicators', cursor({ kind: 'domain', value: 'a\0b' })],
    ['indicators', cursor({ kind: 'nothing', value: 'a' })],
  ])('neither is such a cursor of %s', async (name, given) => {
    expect((await web().reader('GET', `/api/v1/${name}?cursor=${given}`)).statusCode).toBe(400)
  })
})

describe('an article', () => {
  test('has its times as ISO 8601 in UTC', async () => {
    const { publishedAt, discoveredAt } = (await web().reader('GET', `/api/v1/articles/${ids[0]}`)).json()
    expect(publishedAt).toBe('2026-01-01T00:00:00.000Z')
    expect(discoveredAt).toBe(new Date(discoveredAt).toISOString())
  })

  test('that is not there is not found, and neither are its revisions', async () => {
    const id = '00000000-0000-4000-8000-000000000000'
    expect((await web().reader('GET', `/api/v1/articles/${id}`)).statusCode).toBe(404)
    expect((await web().reader('GET', `/api/v1/articles/${id}/revisions`)).statusCode).toBe(404)
  })
})

describe('asking again', () => {
  const paths = () => ['/api/v1/articles?limit=5', `/api/v1/articles/${ids[0]}`, '/api/v1/sources', '/api/v1/jobs']

  test('with the ETag of the answer gives 304 without a body', async () => {
    for (const path of paths()) {
      const { headers } = await web().reader('GET', path)
      expect(headers['cache-control']).toBe('private, no-cache')
      const again = await web().reader('GET', path, { headers: { 'if-none-match': String(headers['etag']) } })
      expect([again.statusCode, again.body]).toEqual([304, ''])
      expect(again.headers['etag']).toBe(headers['etag'])
      expect(again.headers['cache-control']).toBe('private, no-cache')
    }
  })

  test('gives the whole answer once something has changed', async () => {
    const { headers } = await list('?limit=5')
    await insertArticle(web().context.db, { sourceId, title: 'News' })
    const again = await web().reader('GET', '/api/v1/articles?limit=5', {
      headers: { 'if-none-match': String(headers['etag']) },
    })
    expect(again.statusCode).toBe(200)
  })

  test('with HEAD gives the headers alone', async () => {
    const answer = await web().reader('HEAD', `/api/v1/articles/${ids[0]}`)
    expect([answer.statusCode, answer.body]).toEqual([200, ''])
  })
})
