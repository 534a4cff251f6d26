import { type Article, type ArticleCursor, getArticle, ingest, listArticles } from '@dayshift/domain/articles'
import { embedArticle } from '@dayshift/domain/embeddings'
import { addSource, poll } from '@dayshift/domain/sources'
import { corpusIsAbsent, type CorpusServer, jobTools, serveCorpus, useTestContext } from '@dayshift/domain/testing'
import { splitSentences } from '@dayshift/llm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { search } from './search.ts'

describe.skipIf(corpusIsAbsent)('among 266 reports', () => {
  let server: CorpusServer
  const articles: Article[] = []
  beforeAll(async () => {
    server = await serveCorpus()
  })
  afterAll(() => server.close())
  const open = useTestContext(() => ({ allowOrigins: [server.origin] }))
  beforeAll(async () => {
    for (const url of server.feeds) {
      const { id } = await addSource(open(), { url }, url.endsWith('/') ? 'page' : 'feed')
      const { keys } = await poll.run(open(), { sourceId: id }, jobTools)
      for (const key of keys) await ingest.run(open(), { sourceId: id, key }, jobTools)
    }
    let cursor: ArticleCursor | undefined
    do {
      const page = await listArticles(open().db, { limit: 100, cursor })
      for (const { id } of page.articles) articles.push(await getArticle(open().db, id))
      cursor = page.next
    } while (cursor)
    for (const { id } of articles) await embedArticle(open(), id)
  })

  /** For each article the place at which its question finds it, from 1; absent when it is not among the first ten. */
  async function places(question: (article: Article) => string | undefined): Promise<(number | undefined)[]> {
    const found: (number | undefined)[] = []
    for (const article of articles) {
      const q = question(article)
      if (q === undefined) continue
      const hits = await search(open(), { q, limit: 10 })
      // Two reports have one title and one text in parts: either may come first.
      const at = hits.findIndex((hit) => hit.article.id === article.id || hit.article.title === article.title)
      found.push(at < 0 ? undefined : at + 1)
    }
    return found
  }
  const share = (found: (number | undefined)[], last: number): number =>
    found.filter((place) => place !== undefined && place <= last).length / found.length

  test('a title finds its article first', async () => {
    const found = await places(({ title }) => title)
    expect(found).toHaveLength(266)
    expect(share(found, 1)).toBeGreaterThanOrEqual(0.98)
  })

  test('a sentence from the middle finds its article among the first ten, mostly first', async () => {
    const found = await places(({ text }) => {
      const sentences = splitSentences(text).filter((sentence) => sentence.text.length > 60)
      return sentences[Math.floor(sentences.length / 2)]?.text.slice(0, 2000)
    })
    console.log({ asked: found.length, first: share(found, 1), inTen: share(found, 10) })
    expect(share(found, 10)).toBeGreaterThanOrEqual(0.95)
    expect(share(found, 1)).toBeGreaterThanOrEqual(0.85)
  })
})
