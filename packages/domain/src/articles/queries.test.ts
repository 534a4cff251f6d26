import { NotFound } from '@dayshift/domain/errors'
import { saveTestArticle, saveTestSource, useTestContext } from '@dayshift/domain/testing'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  type ArticleCursor,
  type ArticleFilter,
  findArticle,
  getArticle,
  getArticleText,
  listArticles,
  listArticlesById,
  listRevisions,
} from './queries.ts'

const open = useTestContext()
const nobody = '0198c0de-0000-7000-8000-000000000000'
beforeEach(async () => {
  await open().db.deleteFrom('source').execute()
})

const indicator = { kind: 'domain', written: 'x', start_offset: 0, end_offset: 1 }

/** Every page of the list, one after the other. */
async function listPages(filter: ArticleFilter, limit: number): Promise<string[][]> {
  const pages: string[][] = []
  let cursor: ArticleCursor | undefined
  do {
    const { articles, next } = await listArticles(open().db, { ...filter, limit, cursor })
    pages.push(articles.map(({ id }) => id))
    cursor = next
  } while (cursor)
  return pages
}

describe('the list', () => {
  test('pages hold every article once, newest first, also when all have one date', async () => {
    const sourceId = await saveTestSource(open())
    const ids: string[] = []
    for (let n = 0; n < 7; n++) ids.push((await saveTestArticle(open(), { sourceId })).id)
    const older = await saveTestArticle(open(), { sourceId, publishedAt: '2019-01-01T00:00:00Z' })
    // Found now, so it counts as of now.
    const undated = await saveTestArticle(open(), { sourceId, publishedAt: null })
    const pages = await listPages({}, 2)
    expect(pages.map(({ length }) => length)).toEqual([2, 2, 2, 2, 1])
    expect(pages.flat()).toEqual([undated.id, ...ids.toSorted().reverse(), older.id])
  })

  test('the last full page has no next one', async () => {
    const { sourceId } = await saveTestArticle(open())
    await saveTestArticle(open(), { sourceId })
    expect(await listPages({}, 2)).toHaveLength(1)
  })

  test('is narrowed by source, technique and indicator', async () => {
    const { db } = open()
    const [a, b] = [await saveTestArticle(open()), await saveTestArticle(open())]
    const technique = { technique_id: 'T1566', name: 'Phishing', written: 'x', start_offset: 0, end_offset: 1 }
    await db
      .insertInto('article_technique')
      .values({ ...technique, article_id: a.id, basis: 'id' })
      .execute()
    await db
      .insertInto('indicator')
      .values({ ...indicator, article_id: b.id, value: 'evil.example' })
      .execute()
    expect(await listPages({ sourceId: b.sourceId }, 9)).toEqual([[b.id]])
    expect(await listPages({ techniqueId: 'T1566' }, 9)).toEqual([[a.id]])
    expect(await listPages({ indicator: 'evil.example' }, 9)).toEqual([[b.id]])
    expect(await listPages({ indicator: 'good.example' }, 9)).toEqual([[]])
  })

  test('counts what was found, without the rows that only serve search', async () => {
    const { db } = open()
    const { id, sourceId } = await saveTestArticle(open(), { title: 'T', text: 'x'.repeat(300) })
    await saveTestArticle(open(), { sourceId, publishedAt: '2019-01-01T00:00:00Z' })
    const rows = ['c2.evil.example', 'evil.example'].map((value) => ({ ...indicator, article_id: id, value }))
    await db
      .insertInto('indicator')
      .values(rows.map((row, n) => ({ ...row, derived: n === 1 })))
      .execute()
    const { articles } = await listArticles(db, { limit: 2 })
    expect(articles[0]).toEqual({
      id,
      title: 'T',
      url: `https://reports.example.org/${id}`,
      source: { id: sourceId, title: 'A source' },
      publishedAt: new Date('2026-11-19T09:00:00Z'),
      discoveredAt: new Date('2026-11-20T12:00:00Z'),
      wordCount: 1,
      revision: 1,
      indicatorCount: 1,
      techniqueCount: 0,
      excerpt: 'x'.repeat(280),
    })
    expect(articles[1]).toMatchObject({ indicatorCount: 0, techniqueCount: 0 })
  })

  test('shows the first words of the summary once there is one', async () => {
    const { id } = await saveTestArticle(open())
    const summary = { text: 'In short.', provider: 'p', model: 'm', prompt_version: '1', created_at: new Date() }
    const tokens = { input_tokens: 1, output_tokens: 1 }
    await open()
      .db.insertInto('summary')
      .values({ article_id: id, revision: 1, ...summary, ...tokens })
      .execute()
    expect((await listArticles(open().db, { limit: 1 })).articles[0]?.excerpt).toBe('In short.')
  })
})

test('articles by id come in the order of the ids, without those that are gone', async () => {
  const [a, b, c] = [await saveTestArticle(open()), await saveTestArticle(open()), await saveTestArticle(open())]
  const found = await listArticlesById(open().db, [c.id, nobody, a.id, b.id])
  expect(found.map(({ id }) => id)).toEqual([c.id, a.id, b.id])
  expect(await listArticlesById(open().db, [])).toEqual([])
})

test('revisions are listed from the newest, with their words counted', async () => {
  const { id } = await saveTestArticle(open(), { text: '\n one  two\tthree\n' })
  const revision = { article_id: id, title: 'T2', text_sha256: 'x', created_at: new Date('2026-11-20T13:00:00Z') }
  await open()
    .db.insertInto('article_revision')
    .values({ ...revision, revision: 2, text: '' })
    .execute()
  expect(await listRevisions(open().db, id)).toEqual([
    { revision: 2, title: 'T2', createdAt: new Date('2026-11-20T13:00:00Z'), wordCount: 0 },
    { revision: 1, title: 'A report', createdAt: new Date('2026-11-20T12:00:00Z'), wordCount: 3 },
  ])
})

test('an article that is not there is NotFound, or undefined when it is only looked for', async () => {
  await expect(getArticle(open().db, nobody)).rejects.toThrow(NotFound)
  await expect(getArticleText(open().db, nobody)).rejects.toThrow(`There is no article ${nobody}.`)
  expect(await findArticle(open().db, nobody)).toBeUndefined()
})
