import { expect, test } from 'vitest'
import { insertArticle, insertSource } from '../testing/content.ts'
import { useTestWeb } from '../testing/web.ts'

const web = useTestWeb()
const search = (q: string) => web().reader('GET', `/api/v1/search?q=${encodeURIComponent(q)}`)

test('an article is found by a word of its title', async () => {
  const sourceId = await insertSource(web().context.db)
  const id = await insertArticle(web().context.db, { sourceId, title: 'Velvet Lantern reuses loaders' })
  const { items, tookMs } = (await search('lantern')).json()
  expect(items[0].article.id).toBe(id)
  expect(tookMs).toBeGreaterThanOrEqual(0)
})

test.each([
  "'",
  '"unclosed',
  '%',
  '\\',
  'a & | ! b',
  ':*',
  '<->',
  '[.]',
  '\u200b',
  '😀',
  '(((',
  '--',
  "'; drop table article; --",
])('the question %s is answered', async (q) => expect((await search(q)).statusCode).toBe(200))

test.each(['', '   ', 'a'.repeat(2001)])('the question "%.10s" is not valid', async (q) =>
  expect((await search(q)).statusCode).toBe(400),
)
