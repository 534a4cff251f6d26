import { saveTestSource, useTestContext } from '@dayshift/domain/testing'
import { inTransaction } from '@dayshift/storage'
import { expect, test } from 'vitest'
import { listArticles, listRevisions } from './queries.ts'
import { type ReadArticle, saveArticle } from './save.ts'

// On the embedded database one transaction follows the other; on a server they cross.
const open = useTestContext()
const ten = Array.from({ length: 10 }, (_, n) => n)

const saveAtOnce = (reads: ReadArticle[]) =>
  Promise.all(reads.map((read) => inTransaction(open().db, (tx) => saveArticle(tx, read, open().clock()))))

const readBy = (sourceId: string, more: Partial<ReadArticle>): ReadArticle => ({
  sourceId,
  key: 'g',
  articleId: null,
  url: 'https://reports.example.org/1',
  sharesUrl: false,
  title: 'A report',
  author: null,
  language: null,
  publishedAt: null,
  text: 'A text.',
  html: '<p>A text.</p>',
  textFrom: 'page',
  isTeaser: false,
  hiddenCharacters: 0,
  rawObject: null,
  ...more,
})

test.each([
  ['one address', (n: number) => ({ url: 'https://reports.example.org/same', text: `Text ${n}.` })],
  ['one text', (n: number) => ({ url: `https://reports.example.org/${n}`, text: 'The same text.' })],
])('ten sources that save %s at once make one article', async (_what, read) => {
  await open().db.deleteFrom('source').execute()
  const sourceIds = await Promise.all(ten.map(() => saveTestSource(open())))
  const saved = await saveAtOnce(sourceIds.map((sourceId, n) => readBy(sourceId, read(n))))
  expect(saved.map(({ outcome }) => outcome).sort()).toEqual(['article', ...Array(9).fill('duplicate')])
  expect(new Set(saved.map(({ articleId }) => articleId)).size).toBe(1)
  expect((await listArticles(open().db, { limit: 9 })).articles).toHaveLength(1)
})

test('ten changes of one article at once are ten revisions', async () => {
  const sourceId = await saveTestSource(open())
  const [first] = await saveAtOnce([readBy(sourceId, { url: 'https://reports.example.org/first', text: 'First.' })])
  const articleId = first?.articleId ?? ''
  const changes = ten.map((n) => ({ articleId, url: `https://reports.example.org/moved-${n}`, text: `Change ${n}.` }))
  await saveAtOnce(changes.map((change) => readBy(sourceId, change)))
  const revisions = await listRevisions(open().db, articleId)
  expect(revisions.map(({ revision }) => revision)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
})
