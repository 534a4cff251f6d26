import { readdirSync, readFileSync } from 'node:fs'
import { getArticle, ingest, listArticles, type ArticleCursor, type Article } from '@dayshift/domain/articles'
import { stripHidden } from '@dayshift/domain/documents'
import {
  corpus,
  corpusIsAbsent,
  type CorpusServer,
  jobTools,
  serveCorpus,
  useTestContext,
} from '@dayshift/domain/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addSource } from './add.ts'
import { poll } from './jobs.ts'

const wordsOf = (text: string): string => (stripHidden(text).text.match(/[\p{L}\p{N}]+/gu) ?? []).join(' ')

/** The words of a line of a report as its page shows them: the text of links, the description of images. */
const shownWords = (line: string): string =>
  wordsOf(
    line
      .replace(/!\[([^\]]*)\]\([^)\s]*\)/g, ' $1 ')
      .replace(/\[([^\]]+)\]\([^)\s]*\)/g, '$1')
      .replace(/\*\*([^*]+)\*\*|`([^`]+)`/g, '$1$2'),
  )

interface Report {
  path: string
  title: string
  day: string
  lines: string[]
}

/** The reports as their files have them: the title, perhaps the date, and the text. */
function readReports(): Report[] {
  const folder = new URL('reports/', corpus)
  return readdirSync(folder).map((file) => {
    const [publisher, day = '', slug] = file.slice(0, -'.txt'.length).split('_')
    const [title = '', ...body] = readFileSync(new URL(file, folder), 'utf8').split('\n')
    const lines = body.filter((line, n) => n > 2 || !/^[A-Z][a-z]+ \d{1,2}, \d{4}$/.test(line.trim()))
    return { path: `/${publisher}/${slug}`, title: title.trim(), day, lines: lines.map(shownWords) }
  })
}

describe.skipIf(corpusIsAbsent)('five publishers with 266 reports', () => {
  let server: CorpusServer
  beforeAll(async () => {
    server = await serveCorpus()
  })
  afterAll(() => server.close())
  const open = useTestContext(() => ({ allowOrigins: [server.origin] }))

  async function collect(url: string): Promise<string[]> {
    const kind = url.endsWith('/') ? 'page' : 'feed'
    const { id } = await addSource(open(), { url }, kind)
    const { keys } = await poll.run(open(), { sourceId: id }, jobTools)
    const outcomes: string[] = []
    for (const key of keys) outcomes.push((await ingest.run(open(), { sourceId: id, key }, jobTools)).outcome)
    return outcomes
  }

  async function readArticles(): Promise<Article[]> {
    const found: Article[] = []
    let cursor: ArticleCursor | undefined
    do {
      const { articles, next } = await listArticles(open().db, { limit: 50, cursor })
      for (const { id } of articles) found.push(await getArticle(open().db, id))
      cursor = next
    } while (cursor)
    return found
  }

  test('each is there once, with its title, its day and every word of its text', async () => {
    const outcomes: string[] = []
    for (const url of server.feeds) outcomes.push(...(await collect(url)))
    expect(outcomes).toEqual(Array(266).fill('article'))
    // Several reports of a publisher may have one address.
    const dayOf = ({ publishedAt }: Article) => publishedAt?.toISOString().slice(0, 10)
    const keyOf = (path: string, title: string, day = '') => `${path} ${day} ${wordsOf(title)}`
    const articles = (await readArticles()).map((article) => ({
      key: keyOf(new URL(article.url).pathname, article.title, dayOf(article)),
      text: ` ${wordsOf(article.text)} `,
    }))
    const reports = readReports()
    expect(articles.map(({ key }) => key).sort()).toEqual(
      reports.map(({ path, title, day }) => keyOf(path, title, day)).sort(),
    )
    for (const { path, title, day, lines } of reports) {
      const text = articles.find(({ key }) => key === keyOf(path, title, day))?.text ?? ''
      // A heading that only repeats the title is not repeated in the text.
      const missing = lines.filter((line) => !text.includes(` ${line} `) && line !== '' && line !== wordsOf(title))
      expect({ path, missing }).toEqual({ path, missing: [] })
    }
  })

  test('the next time nothing is fetched but the five addresses, and nothing is added', async () => {
    server.takeRequests()
    for (const url of server.feeds) expect(await collect(url)).toEqual([])
    expect(server.takeRequests()).toEqual(server.feeds.map((url) => new URL(url).pathname))
    expect(await readArticles()).toHaveLength(266)
  })

  test('a feed that repeats some of them under other titles and keys gives duplicates', async () => {
    expect(await collect(`${server.origin}/broken/duplicates.xml`)).toEqual(Array(5).fill('duplicate'))
    expect(await readArticles()).toHaveLength(266)
  })
})
