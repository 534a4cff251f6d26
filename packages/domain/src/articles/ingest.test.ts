import { getArticle, listArticles, listRevisions } from '@dayshift/domain/articles'
import { addSource, findItem, poll } from '@dayshift/domain/sources'
import { type FeedServer, jobTools, rss, type RssItem, serveFeeds, useTestContext } from '@dayshift/domain/testing'
import { createSandbox } from '@dayshift/sandbox'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ingestArticle, type Ingested } from './ingest.ts'

let server: FeedServer
beforeAll(async () => {
  server = await serveFeeds()
})
afterAll(() => server.close())
const open = useTestContext(() => ({ allowOrigins: [server.origin] }))

let place = ''
let tests = 0
beforeEach(async () => {
  place = `${server.origin}/${(tests += 1)}`
  await open().db.deleteFrom('source').execute()
})
const pathOf = (url: string) => url.slice(server.origin.length)
const serve = (name: string, answer: Parameters<FeedServer['set']>[1]) => server.set(pathOf(`${place}/${name}`), answer)
const count = (name: string) => server.count(pathOf(`${place}/${name}`))

/** A text of a report that is long enough to be taken for whole, different for each subject. */
const textOf = (subject: string) =>
  Array.from({ length: 30 }, (_, n) => `Sentence ${n} tells how ${subject} came in and what it did there.`).join(' ')
const pageOf = (text: string, title = 'A report', head = '') =>
  `<!doctype html><html lang="en"><head><title>${title}</title>${head}</head><body><nav><a href="/">Home</a></nav><article><h1>${title}</h1><p>${text}</p></article></body></html>`

/** Serves a feed, checks it and reads all that is queued; gives what became of each key. */
async function collect(items: RssItem[], feed = 'feed', lastTry = true): Promise<Record<string, Ingested>> {
  serve(feed, rss(items))
  const { id } = await addSource(open(), { url: `${place}/${feed}`, title: feed })
  const { keys } = await poll.run(open(), { sourceId: id }, jobTools)
  const ingested: Record<string, Ingested> = {}
  for (const key of keys) ingested[key] = await ingestArticle(open(), { sourceId: id, key }, lastTry)
  return ingested
}
const outcomes = async (items: RssItem[], feed?: string) =>
  Object.fromEntries(Object.entries(await collect(items, feed)).map(([key, { outcome }]) => [key, outcome]))

async function itemOf(key: string, feed = 'feed') {
  const { id } = await addSource(open(), { url: `${place}/${feed}` })
  return open()
    .db.selectFrom('source_item')
    .select(['outcome', 'reason', 'article_id as articleId', 'entry'])
    .where('source_id', '=', id)
    .where('key', '=', key)
    .executeTakeFirstOrThrow()
}
const articles = async () => (await listArticles(open().db, { limit: 50 })).articles
const titles = async () => (await articles()).map(({ title }) => title).sort()
async function theArticle() {
  const [row, ...others] = await articles()
  if (!row || others.length > 0) throw new Error(`Expected one article, got ${others.length + 1}.`)
  return getArticle(open().db, row.id)
}
const report = (more: Partial<RssItem> = {}): RssItem => ({
  title: 'A report',
  link: `${place}/report`,
  guid: 'g',
  date: '2026-11-19T09:00:00Z',
  ...more,
})

describe('where the text comes from', () => {
  test('content that is whole is taken from the feed and the page is not fetched', async () => {
    serve('report', pageOf('the page'))
    await collect([report({ content: `<p>${textOf('Emotet')}</p>` })])
    expect(await theArticle()).toMatchObject({
      title: 'A report',
      url: `${place}/report`,
      textFrom: 'feed',
      text: textOf('Emotet'),
      html: `<p>${textOf('Emotet')}</p>`,
      publishedAt: new Date('2026-11-19T09:00:00Z'),
      revision: 1,
      wordCount: 30 * 12,
    })
    expect(count('report')).toBe(0)
  })

  test('for a teaser the page is fetched and kept as it came', async () => {
    const page = pageOf(textOf('Emotet'))
    serve('report', { body: page, headers: { 'content-type': 'text/html; charset=utf-8' } })
    await collect([report({ content: 'Sentence 0 tells how…' })])
    const article = await theArticle()
    expect(article).toMatchObject({ textFrom: 'page', text: textOf('Emotet'), language: 'en' })
    const { raw_object } = await open()
      .db.selectFrom('article_revision')
      .select('raw_object')
      .where('article_id', '=', article.id)
      .executeTakeFirstOrThrow()
    expect(Buffer.from((await open().objects.get(raw_object ?? '')).bytes).toString()).toBe(page)
    expect(count('report')).toBe(1)
  })

  test('long content that ends with an ellipsis is a teaser too', async () => {
    serve('report', pageOf(`${textOf('Emotet')} And the end.`))
    await collect([report({ content: `${textOf('Emotet')} And…` })])
    expect((await theArticle()).text).toMatch(/And the end\.$/)
  })

  test('a page that says less than the feed does not replace it', async () => {
    serve('report', pageOf('Please enable JavaScript.'))
    await collect([report({ content: 'A short report, but longer than what the page says without its scripts.' })])
    expect(await theArticle()).toMatchObject({ textFrom: 'feed', text: expect.stringMatching(/^A short report/) })
  })

  test('an item without a date has none, unless its page gives one that is not ahead of us', async () => {
    const meta = (date: string) => `<meta property="article:published_time" content="${date}">`
    serve('a', pageOf(textOf('one'), 'One'))
    serve('b', pageOf(textOf('two'), 'Two', meta('2026-11-01T08:00:00Z')))
    serve('c', pageOf(textOf('three'), 'Three', meta('2099-01-01T00:00:00Z')))
    await collect(['a', 'b', 'c'].map((name) => ({ title: name, link: `${place}/${name}`, guid: name })))
    const dates = new Map((await articles()).map(({ title, publishedAt }) => [title, publishedAt]))
    expect(dates.get('a')).toBeNull()
    expect(dates.get('b')).toEqual(new Date('2026-11-01T08:00:00Z'))
    expect(dates.get('c')).toBeNull()
  })

  test('an item without a link is read from the feed', async () => {
    expect(await outcomes([{ title: 'A note', guid: 'n', content: 'Short, and all there is.' }])).toEqual({ n: 'article' })
    expect((await theArticle()).text).toBe('Short, and all there is.')
  })
})

describe('pages that cannot be read', () => {
  test('the feed’s own text is kept when the page is not there', async () => {
    await collect([report({ content: 'What the feed has.' })])
    expect(await theArticle()).toMatchObject({ textFrom: 'feed', text: 'What the feed has.' })
    expect(count('report')).toBe(1)
  })

  test('without any text the item is skipped with the reason', async () => {
    serve('empty', pageOf('', ''))
    serve('pdf', { body: '%PDF-1.7', headers: { 'content-type': 'application/pdf' } })
    const items = ['missing', 'empty', 'pdf'].map((name) => ({ title: name, guid: name, link: `${place}/${name}` }))
    expect(await outcomes([...items, report({ guid: 'image', link: `${place}/empty`, content: '<img src="x">' })])).toEqual({
      missing: 'skipped',
      empty: 'skipped',
      pdf: 'skipped',
      image: 'skipped',
    })
    expect((await itemOf('missing')).reason).toBe(`The page ${place}/missing answered 404; 200 was expected.`)
    expect((await itemOf('empty')).reason).toBe(`The page ${place}/empty has no text.`)
    expect((await itemOf('pdf')).reason).toBe(`The page ${place}/pdf is application/pdf; HTML was expected.`)
    expect(await articles()).toEqual([])
  })

  test.each([503, 429, 500])('%i is tried again, and failed with the reason at the last try', async (status) => {
    serve('report', { status })
    await expect(collect([report({ content: 'A teaser.' })], 'feed', false)).rejects.toThrow(`answered ${status}`)
    expect(await itemOf('g')).toMatchObject({ outcome: 'queued', reason: null })
    expect(await outcomes([report({ content: 'A teaser.' })])).toEqual({ g: 'failed' })
    const reason = `The page ${place}/report answered ${status}.`
    expect(await itemOf('g')).toMatchObject({ outcome: 'failed', reason, entry: { title: 'A report' } })
    serve('report', pageOf(textOf('Emotet')))
    expect(await outcomes([report({ content: 'A teaser.' })])).toEqual({ g: 'article' })
  })

  test.each([
    ['http://169.254.169.254/latest/meta-data/', 'public address'],
    ['http://[::1]/', 'public address'],
    ['http://router.internal/', 'internal'],
    ['https://user:secret@reports.example.org/', 'without user name'],
    ['file:///etc/passwd', 'file:///etc/passwd'],
    ['javascript:alert(1)', 'javascript:alert(1)'],
  ])('a link to %s is refused, not followed and not shown', async (link, reason) => {
    expect(await outcomes([report({ link, content: 'x' })])).toEqual({ g: 'skipped' })
    expect((await itemOf('g')).reason).toContain(reason)
    expect(await articles()).toEqual([])
    expect(new Set(open().dialled)).toEqual(new Set([new URL(server.origin).host]))
  })

  test('a page that redirects to a refused address is skipped', async () => {
    serve('report', { status: 302, location: 'http://169.254.169.254/latest/meta-data/' })
    expect(await outcomes([report({ content: 'x' })])).toEqual({ g: 'skipped' })
    expect(new Set(open().dialled)).toEqual(new Set([new URL(server.origin).host]))
  })

  test('a page that dies with the process is not given up', async () => {
    serve('report', pageOf(textOf('Emotet')))
    serve('feed', rss([report()]))
    const { id } = await addSource(open(), { url: `${place}/feed` })
    await poll.run(open(), { sourceId: id }, jobTools)
    const sandbox = createSandbox()
    await sandbox.close()
    const item = { sourceId: id, key: 'g' }
    await expect(ingestArticle({ ...open(), sandbox }, item, false)).rejects.toThrow('open sandbox')
    expect(await findItem(open().db, id, 'g')).toMatchObject({ outcome: 'queued' })
  })
})

describe('which article it is', () => {
  test('a page’s canonical address counts on its own host only', async () => {
    const canonical = (href: string) => `<link rel="canonical" href="${href}">`
    serve('a?session=1', pageOf(textOf('one'), 'One', canonical(`${place}/a`)))
    serve('b?session=1', pageOf(textOf('two'), 'Two', canonical('https://news.example.org/b')))
    await collect([
      report({ title: 'One', guid: 'a', link: `${place}/a?session=1` }),
      report({ title: 'Two', guid: 'b', link: `${place}/b?session=1` }),
    ])
    expect((await articles()).map(({ url }) => url).sort()).toEqual([`${place}/a`, `${place}/b?session=1`])
  })

  test('pages that all name one canonical address are still apart', async () => {
    const home = `<link rel="canonical" href="/">`
    serve('a', pageOf(textOf('one'), 'One', home))
    serve('b', pageOf(textOf('two'), 'Two', home))
    const items = [
      report({ title: 'One', guid: 'a', link: `${place}/a` }),
      report({ title: 'Two', guid: 'b', link: `${place}/b` }),
    ]
    expect(await outcomes(items)).toEqual({ a: 'article', b: 'article' })
    expect(await titles()).toEqual(['One', 'Two'])
  })

  test('one address in two sources is one article; the other item points to it', async () => {
    await collect([report({ content: textOf('Emotet') })])
    const others = [report({ guid: 'other', link: `${place}/report?utm_source=x#top`, content: textOf('TrickBot') })]
    expect(await outcomes(others, 'second')).toEqual({ other: 'duplicate' })
    const { id, text } = await theArticle()
    expect(text).toBe(textOf('Emotet'))
    expect(await itemOf('other', 'second')).toMatchObject({ outcome: 'duplicate', articleId: id })
  })

  test('one text at another address is a duplicate, until it changes', async () => {
    const copy = report({ guid: 'copy', link: `${place}/copy`, content: textOf('Emotet') })
    const original = report({ content: textOf('Emotet') })
    expect(await outcomes([original, copy])).toEqual({ g: 'duplicate', copy: 'article' })
    expect(await outcomes([{ ...original, content: textOf('TrickBot') }, copy])).toEqual({ g: 'article' })
    expect((await articles()).map(({ url, revision }) => [url, revision]).sort()).toEqual([
      [`${place}/copy`, 1],
      [`${place}/report`, 1],
    ])
  })

  test('a changed text is a second revision; both are kept', async () => {
    await collect([report({ content: textOf('Emotet') })])
    open().setTime('2026-11-20T15:00:00Z')
    const ingested = await collect([report({ content: textOf('TrickBot') })])
    open().setTime('2026-11-20T12:00:00Z')
    expect(ingested['g']).toMatchObject({ outcome: 'revision', changed: true })
    const article = await theArticle()
    expect(article).toMatchObject({
      revision: 2,
      text: textOf('TrickBot'),
      changedAt: new Date('2026-11-20T15:00:00Z'),
      discoveredAt: new Date('2026-11-20T12:00:00Z'),
    })
    expect(await listRevisions(open().db, article.id)).toEqual([
      { revision: 2, title: 'A report', createdAt: new Date('2026-11-20T15:00:00Z'), wordCount: 360 },
      { revision: 1, title: 'A report', createdAt: new Date('2026-11-20T12:00:00Z'), wordCount: 360 },
    ])
    const texts = await open().db.selectFrom('article_revision').select('text').orderBy('revision').execute()
    expect(texts.map(({ text }) => text)).toEqual([textOf('Emotet'), textOf('TrickBot')])
  })

  test('a teaser does not replace the page’s text when the page is gone', async () => {
    serve('report', pageOf(textOf('Emotet')))
    await collect([report({ content: 'A teaser.' })])
    serve('report', { status: 404 })
    expect(await outcomes([report({ content: 'Another teaser.' })])).toEqual({ g: 'unchanged' })
    expect(await theArticle()).toMatchObject({ text: textOf('Emotet'), revision: 1 })
  })

  test('the same again is unchanged and starts nothing', async () => {
    await collect([report({ content: textOf('Emotet') })])
    const again = await collect([report({ content: `<div>${textOf('Emotet')}</div>` })])
    expect(again['g']).toMatchObject({ outcome: 'unchanged', changed: false })
    expect(await listRevisions(open().db, (await theArticle()).id)).toHaveLength(1)
  })

  test('a guid that turns from http to https does not double the article', async () => {
    await collect([report({ guid: 'http://reports.example.org/report', content: textOf('Emotet') })])
    const secure = [report({ guid: 'https://reports.example.org/report', content: textOf('Emotet') })]
    expect(Object.values(await outcomes(secure))).toEqual(['unchanged'])
    const edited = [report({ guid: 'https://reports.example.org/report', content: textOf('TrickBot') })]
    expect(Object.values(await outcomes(edited))).toEqual(['revision'])
    expect((await theArticle()).revision).toBe(2)
  })

  describe('a feed that gives one address to several articles', () => {
    const several = (guid: string | undefined, second = 'TrickBot'): RssItem[] => [
      report({ title: 'One', guid: guid ?? '1', content: textOf('Emotet') }),
      report({ title: 'Two', guid: guid ?? '2', content: textOf(second) }),
      report({ title: 'Three', guid: guid ?? '3', content: textOf('QakBot') }),
    ]

    test.each([undefined, 'same'])('keeps each of them once, and each with its changes (guid %s)', async (guid) => {
      expect(Object.values(await outcomes(several(guid)))).toEqual(['article', 'article', 'article'])
      expect(await outcomes(several(guid))).toEqual({})
      expect(Object.values(await outcomes(several(guid, 'IcedID')))).toEqual(['revision'])
      expect((await articles()).map(({ title, revision }) => [title, revision]).sort()).toEqual([
        ['One', 1],
        ['Three', 1],
        ['Two', 2],
      ])
      // Now one of them is alone in the feed, and one is edited while it is alone.
      await collect(several(guid, 'IcedID').slice(1, 2))
      await collect(several(guid, 'Gozi').slice(1, 2))
      expect(await titles()).toEqual(['One', 'Three', 'Two'])
    })

    test('keeps them when they come one after the other', async () => {
      const [one, two] = several(undefined)
      expect(await outcomes([one!])).toEqual({ 1: 'article' })
      expect(await outcomes([two!])).toEqual({ 2: 'article' })
      expect(await titles()).toEqual(['One', 'Two'])
    })

    test('keeps them although another source has that address', async () => {
      await collect([report({ content: textOf('LockBit') })])
      expect(Object.values(await outcomes(several(undefined), 'second'))).toEqual(['article', 'article', 'article'])
      expect(Object.values(await outcomes(several(undefined, 'IcedID'), 'third'))).toEqual(
        ['duplicate', 'duplicate', 'duplicate'],
      )
    })
  })
})

describe('twice and at once', () => {
  test('a step that broke off after its save says the same again', async () => {
    const first = await collect([report({ content: textOf('Emotet') })])
    const { id } = await addSource(open(), { url: `${place}/feed` })
    const again = await ingestArticle(open(), { sourceId: id, key: 'g' }, false)
    expect(again).toEqual({ outcome: 'article', articleId: (await theArticle()).id, changed: true })
    expect(again).toEqual(first['g'])
  })

  test('a step that broke off in its save has left nothing', async () => {
    await sql`alter table article_revision add constraint broken check (revision > 1)`.execute(open().db)
    await expect(collect([report({ content: textOf('Emotet') })])).rejects.toThrow('broken')
    await sql`alter table article_revision drop constraint broken`.execute(open().db)
    expect(await articles()).toEqual([])
    expect(await itemOf('g')).toMatchObject({ outcome: 'queued' })
    expect(await outcomes([report({ content: textOf('Emotet') })])).toEqual({ g: 'article' })
  })

  test('a source that is gone gives nothing', async () => {
    const item = { sourceId: '0198c0de-0000-7000-8000-000000000000', key: 'g' }
    expect(await ingestArticle(open(), item, false)).toEqual({ outcome: 'skipped', changed: false })
  })

  test('ten sources that tell one story at once make one article', async () => {
    const feeds = Array.from({ length: 10 }, (_, n) => `feed-${n}`)
    const sourceIds: string[] = []
    for (const [n, feed] of feeds.entries()) {
      // Half of them by the address, half by the text.
      serve(feed, rss([report({ link: `${place}/${n % 2 ? 'report' : `copy-${n}`}`, content: textOf('Emotet') })]))
      const { id } = await addSource(open(), { url: `${place}/${feed}` })
      await poll.run(open(), { sourceId: id }, jobTools)
      sourceIds.push(id)
    }
    const results = await Promise.all(
      sourceIds.map((sourceId) => ingestArticle(open(), { sourceId, key: 'g' }, false)),
    )
    expect(results.map(({ outcome }) => outcome).sort()).toEqual(['article', ...Array(9).fill('duplicate')])
    expect(await articles()).toHaveLength(1)
  })

  test('ten runs for one item give its article once, and all say so', async () => {
    serve('feed', rss([report({ content: textOf('Emotet') })]))
    const { id } = await addSource(open(), { url: `${place}/feed` })
    await poll.run(open(), { sourceId: id }, jobTools)
    const runs = Array.from({ length: 10 }, () => ingestArticle(open(), { sourceId: id, key: 'g' }, false))
    const { id: articleId } = await Promise.all(runs).then(theArticle)
    expect(new Set((await Promise.all(runs)).map((result) => JSON.stringify(result)))).toEqual(
      new Set([JSON.stringify({ outcome: 'article', articleId, changed: true })]),
    )
    expect(await itemOf('g')).toMatchObject({ outcome: 'article', articleId })
  })

  test('what the source changes while we read is not lost', async () => {
    serve('report', { body: pageOf(textOf('Emotet')), delayMs: 300 })
    serve('feed', rss([report({ content: 'First teaser' })]))
    const { id } = await addSource(open(), { url: `${place}/feed` })
    await poll.run(open(), { sourceId: id }, jobTools)
    const reading = ingestArticle(open(), { sourceId: id, key: 'g' }, false)
    serve('feed', rss([report({ title: 'A better title', content: 'Second teaser' })]))
    await poll.run(open(), { sourceId: id }, jobTools)
    expect(await reading).toEqual({ outcome: 'skipped', changed: false })
    expect(await itemOf('g')).toMatchObject({ outcome: 'queued', entry: { title: 'A better title' } })
    expect(await ingestArticle(open(), { sourceId: id, key: 'g' }, false)).toMatchObject({ outcome: 'article' })
    expect((await theArticle()).title).toBe('A better title')
  })
})

describe('hostile content', () => {
  test('characters that show nothing are removed and counted', async () => {
    // Five: two zero-width spaces in the name, an override and its end, and U+E0041 of the tag block.
    await collect([report({ content: `evil\u200b.exa\u200bmple \u202Egnp.exe\u202c \u{e0041} ${textOf('Emotet')}` })])
    const article = await theArticle()
    expect(article.hiddenCharacters).toBe(5)
    expect(article.text).toMatch(/^evil\.example gnp\.exe/)
  })

  test('texts that PostgreSQL refuses are stored without what it refuses', async () => {
    const items = [{ id: 'g', title: 'N\0ul \ud83d', author: { name: 'a\0b' }, content_html: `x\0y \udc00 ${textOf('Emotet')}` }]
    serve('feed', JSON.stringify({ version: 'https://jsonfeed.org/version/1', title: 'f', items }))
    const { id } = await addSource(open(), { url: `${place}/feed` })
    await poll.run(open(), { sourceId: id }, jobTools)
    expect(await ingestArticle(open(), { sourceId: id, key: 'g' }, true)).toMatchObject({ outcome: 'article' })
    const { text, html, title, author } = await theArticle()
    expect(text).toMatch(/^x\ufffdy \ufffd Sentence/)
    for (const stored of [text, html, title, author]) expect(stored).not.toMatch(/\0|\p{Cs}/u)
  })

  test('a page with NUL in its text and its metadata is stored', async () => {
    serve('report', pageOf(`a\0b ${textOf('Emotet')}`, 'T\0itle', '<meta name="author" content="Jo\0e">'))
    expect(await outcomes([report()])).toEqual({ g: 'article' })
    expect(JSON.stringify(await theArticle())).not.toContain(String.raw`\u0000`)
  })

  test('nothing that runs is left in what is shown', async () => {
    const hostile = '<script>alert(1)</script><a href="javascript:alert(2)">go</a><img src=x onerror="alert(3)"><svg onload=alert(4)>'
    await collect([report({ content: `<p onclick="alert(5)">${textOf('Emotet')}</p>${hostile}` })])
    expect((await theArticle()).html).not.toMatch(/script|onclick|onerror|onload|<img|<svg/i)
  })

  test('an address too long for an index is not followed; whole content is kept without it', async () => {
    const link = `${place}/${'x'.repeat(3000)}`
    expect(await outcomes([report({ link, guid: 'a' }), report({ link: `${link}y`, guid: 'b', content: textOf('Emotet') })])).toEqual({
      a: 'skipped',
      b: 'article',
    })
    expect((await theArticle()).url.length).toBeLessThan(100)
  })
})
