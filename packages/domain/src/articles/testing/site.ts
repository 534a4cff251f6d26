import { getArticle, listArticles } from '@dayshift/domain/articles'
import { addSource, poll } from '@dayshift/domain/sources'
import { type FeedServer, jobTools, rss, type RssItem, serveFeeds, useTestContext } from '@dayshift/domain/testing'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { ingestArticle, type Ingested } from '../ingest.ts'
import type { Article, ArticleRow } from '../article.ts'

let server: FeedServer
beforeAll(async () => {
  server = await serveFeeds()
})
afterAll(() => server.close())

/** A context that may fetch from the site. */
export const open = useTestContext(() => ({ allowOrigins: [server.origin] }))

/** Where this test's pages are; every test has a place of its own and a database without sources. */
export const site = {
  place: '',
  get host(): string {
    return new URL(server.origin).host
  },
}
let tests = 0
beforeEach(async () => {
  site.place = `${server.origin}/${(tests += 1)}`
  await open().db.deleteFrom('source').execute()
})

const pathOf = (name: string): string => `${site.place}/${name}`.slice(server.origin.length)
export const serve = (name: string, answer: Parameters<FeedServer['set']>[1]): void => server.set(pathOf(name), answer)
export const count = (name: string): number => server.count(pathOf(name))

/** A text of a report that is long enough to be taken for whole, different for each subject. */
export const textOf = (subject: string): string =>
  Array.from({ length: 30 }, (_, n) => `Sentence ${n} tells how ${subject} came in and what it did there.`).join(' ')

export const pageOf = (text: string, title = 'A report', head = ''): string =>
  `<!doctype html><html lang="en"><head><title>${title}</title>${head}</head><body><nav><a href="/">Home</a></nav><article><h1>${title}</h1><p>${text}</p></article></body></html>`

/** An item of a feed that leads to the page `report`. */
export const report = (more: Partial<RssItem> = {}): RssItem => ({
  title: 'A report',
  link: `${site.place}/report`,
  guid: 'g',
  date: '2026-11-19T09:00:00Z',
  ...more,
})

/** Serves a feed and checks it; gives its source and what is queued. */
export async function check(body: string, feed = 'feed'): Promise<{ id: string; keys: string[] }> {
  serve(feed, body)
  const { id } = await addSource(open(), { url: `${site.place}/${feed}`, title: feed })
  const { keys } = await poll.run(open(), { sourceId: id }, jobTools)
  return { id, keys }
}

/** Serves a feed, checks it and reads all that is queued; gives what became of each key. */
export async function collect(items: RssItem[], feed = 'feed', lastTry = true): Promise<Record<string, Ingested>> {
  const { id, keys } = await check(rss(items), feed)
  const ingested: Record<string, Ingested> = {}
  for (const key of keys) ingested[key] = await ingestArticle(open(), { sourceId: id, key }, lastTry)
  return ingested
}

export async function outcomes(items: RssItem[], feed?: string): Promise<Record<string, string>> {
  const ingested = await collect(items, feed)
  return Object.fromEntries(Object.entries(ingested).map(([key, { outcome }]) => [key, outcome]))
}

export async function itemOf(key: string, feed = 'feed') {
  const { id } = await addSource(open(), { url: `${site.place}/${feed}` })
  return open()
    .db.selectFrom('source_item')
    .select(['outcome', 'reason', 'article_id as articleId', 'entry'])
    .where('source_id', '=', id)
    .where('key', '=', key)
    .executeTakeFirstOrThrow()
}

export async function articles(): Promise<ArticleRow[]> {
  return (await listArticles(open().db, { limit: 50 })).articles
}

/** Title and revision of every article, by title. */
export async function revisions(): Promise<string[]> {
  return (await articles()).map(({ title, revision }) => `${title} ${revision}`).sort()
}

/** The one article that there is. */
export async function theArticle(): Promise<Article> {
  const [row, ...others] = await articles()
  if (!row || others.length > 0) throw new Error(`Expected one article, got ${row ? others.length + 1 : 0}.`)
  return getArticle(open().db, row.id)
}
