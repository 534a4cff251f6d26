import { NotFound } from '@dayshift/domain/errors'
import { useTestDatabase } from '@dayshift/storage/testing'
import { v7 as uuidv7 } from 'uuid'
import { expect, test } from 'vitest'
import { extractIndicators } from './extract.ts'
import { findIndicatorArticles, listIndicators, listIndicatorValues } from './queries.ts'

const database = useTestDatabase()

/** An article in the database, without text: `extractIndicators` gets it from its caller. */
async function addArticle(discoveredAt: string): Promise<{ id: string; url: string }> {
  const { db } = database()
  const id = uuidv7()
  const url = `https://publisher.xyz/${id}`
  await db.insertInto('source').values({ id, kind: 'feed', title: 'Source', url }).execute()
  const at = new Date(discoveredAt)
  await db
    .insertInto('article')
    .values({
      id,
      source_id: id,
      url,
      identity: url,
      title: 'Title',
      discovered_at: at,
      changed_at: at,
      text: '',
      html: '',
      text_sha256: id,
      text_from: 'feed',
      word_count: 0,
    })
    .execute()
  return { id, url }
}

test('keeps what it finds, and finds the article by what lies above it', async () => {
  const { db } = database()
  const article = await addArticle('2026-01-01T00:00:00Z')
  const text = 'First c2[.]evil-one[.]com, then hxxp://x[.]evil-one[.]com/a and C:\\Temp\\One.exe; publisher.xyz'
  expect(await extractIndicators({ db }, { ...article, text })).toBe(3)
  expect(await listIndicators(db, article.id)).toEqual([
    {
      kind: 'domain',
      value: 'c2.evil-one.com',
      written: 'c2[.]evil-one[.]com',
      startOffset: 6,
      endOffset: 25,
      occurrences: 1,
      defanged: true,
    },
    {
      kind: 'url',
      value: 'http://x.evil-one.com/a',
      written: 'hxxp://x[.]evil-one[.]com/a',
      startOffset: 32,
      endOffset: 59,
      occurrences: 1,
      defanged: true,
    },
    {
      kind: 'file-path',
      value: 'C:\\Temp\\One.exe',
      written: 'C:\\Temp\\One.exe',
      startOffset: 64,
      endOffset: 79,
      occurrences: 1,
      defanged: false,
    },
  ])
  const names = [
    'C2.evil-one.com',
    'c2[.]evil-one[.]com',
    'evil-one.com',
    'x.evil-one.com',
    'one.exe',
    'c:\\temp\\one.EXE',
  ]
  const articles = await Promise.all(names.map((name) => findIndicatorArticles(db, name, { limit: 10 })))
  expect(articles).toEqual(names.map(() => [article.id]))
  expect(await findIndicatorArticles(db, 'one.com', { limit: 10 })).toEqual([])
})

test('reading again replaces what was there, also when two do it at once', async () => {
  const { db } = database()
  const article = await addArticle('2026-01-02T00:00:00Z')
  await extractIndicators({ db }, { ...article, text: 'old[.]evil-two[.]com' })
  const again = { ...article, text: 'new[.]evil-two[.]com' }
  await Promise.all([extractIndicators({ db }, again), extractIndicators({ db }, again)])
  expect((await listIndicators(db, article.id)).map(({ value }) => value)).toEqual(['new.evil-two.com'])
  expect(await findIndicatorArticles(db, 'old.evil-two.com', { limit: 10 })).toEqual([])
})

test('an article that is gone is an error, and nothing is kept', async () => {
  const { db } = database()
  const article = { id: uuidv7(), url: 'https://publisher.xyz/', text: 'gone[.]evil-three[.]com' }
  await expect(extractIndicators({ db }, article)).rejects.toThrow(NotFound)
  expect(await findIndicatorArticles(db, 'gone.evil-three.com', { limit: 10 })).toEqual([])
})

test('more indicators than fit into one statement are all kept', async () => {
  const { db } = database()
  const article = await addArticle('2026-01-03T00:00:00Z')
  const text = Array.from({ length: 8000 }, (_, number) => `n${number}[.]many[.]evil-four[.]com`).join('\n')
  expect(await extractIndicators({ db }, { ...article, text })).toBe(8000)
  expect(await listIndicators(db, article.id)).toHaveLength(8000)
})

test('lists values page by page with how many articles have them, the newest article first for one value', async () => {
  const { db } = database()
  const older = await addArticle('2026-01-04T00:00:00Z')
  const newer = await addArticle('2026-01-05T00:00:00Z')
  const text = 'list-a[.]com list-b[.]com list-c[.]com 100%_list[.]com'
  await extractIndicators({ db }, { ...older, text })
  await extractIndicators({ db }, { ...newer, text: 'list-b[.]com a-list-b[.]com' })
  const first = await listIndicatorValues(db, { limit: 2, kind: 'domain', value: 'list-' })
  expect(first.items).toEqual([
    { kind: 'domain', value: 'list-a.com', articleCount: 1 },
    { kind: 'domain', value: 'list-b.com', articleCount: 2 },
  ])
  const second = await listIndicatorValues(db, { limit: 2, kind: 'domain', value: 'list-', after: first.next })
  expect(second).toEqual({ items: [{ kind: 'domain', value: 'list-c.com', articleCount: 1 }] })
  expect((await listIndicatorValues(db, { limit: 5, value: '%list' })).items).toEqual([])
  expect(await findIndicatorArticles(db, 'list-b.com', { limit: 1 })).toEqual([newer.id])
})
