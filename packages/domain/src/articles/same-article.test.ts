import { type Answer, rss, type RssItem } from '@dayshift/domain/testing'
import { addSource } from '@dayshift/domain/sources'
import { sql } from 'kysely'
import { describe, expect, test, vi } from 'vitest'
import { ingestArticle, type Ingested } from './ingest.ts'
import { listRevisions } from './queries.ts'
import {
  articles,
  check,
  collect,
  count,
  itemOf,
  open,
  outcomes,
  pageOf,
  report,
  revisions,
  serve,
  site,
  textOf,
  theArticle,
} from './testing/site.ts'

describe('which article it is', () => {
  test('a page’s canonical address counts on its own host only', async () => {
    const canonical = (href: string) => `<link rel="canonical" href="${href}">`
    serve('a?session=1', pageOf(textOf('one'), 'One', canonical(`${site.place}/a`)))
    serve('b?session=1', pageOf(textOf('two'), 'Two', canonical('https://news.example.org/b')))
    await collect([
      report({ title: 'One', guid: 'a', link: `${site.place}/a?session=1` }),
      report({ title: 'Two', guid: 'b', link: `${site.place}/b?session=1` }),
    ])
    expect((await articles()).map(({ url }) => url).sort()).toEqual([`${site.place}/a`, `${site.place}/b?session=1`])
  })

  test('pages that all name one canonical address are still apart', async () => {
    const home = `<link rel="canonical" href="/">`
    serve('a', pageOf(textOf('one'), 'One', home))
    serve('b', pageOf(textOf('two'), 'Two', home))
    const items = [
      report({ title: 'One', guid: 'a', link: `${site.place}/a` }),
      report({ title: 'Two', guid: 'b', link: `${site.place}/b` }),
    ]
    expect(await outcomes(items)).toEqual({ a: 'article', b: 'article' })
    expect(await revisions()).toEqual(['One 1', 'Two 1'])
  })

  test('one address in two sources is one article; the other item points to it', async () => {
    await collect([report({ content: textOf('Emotet') })])
    const others = [
      report({ guid: 'other', link: `${site.place}/report?utm_source=x#top`, content: textOf('TrickBot') }),
    ]
    expect(await outcomes(others, 'second')).toEqual({ other: 'duplicate' })
    const { id, text } = await theArticle()
    expect(text).toBe(textOf('Emotet'))
    expect(await itemOf('other', 'second')).toMatchObject({ outcome: 'duplicate', articleId: id })
  })

  test('one text at another address is a duplicate, until it changes', async () => {
    const copy = report({ guid: 'copy', link: `${site.place}/copy`, content: textOf('Emotet') })
    const original = report({ content: textOf('Emotet') })
    expect(await outcomes([original, copy])).toEqual({ g: 'duplicate', copy: 'article' })
    expect(await outcomes([{ ...original, content: textOf('TrickBot') }, copy])).toEqual({ g: 'article' })
    const kept = (await articles()).map(({ url, revision }) => `${url} ${revision}`)
    expect(kept.sort()).toEqual([`${site.place}/copy 1`, `${site.place}/report 1`])
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

  test('an item stays its article when its link, its title and its text change', async () => {
    await collect([report({ content: textOf('Emotet') })])
    const moved = report({ title: 'Moved', link: `${site.place}/moved`, content: textOf('TrickBot') })
    expect(await outcomes([moved])).toEqual({ g: 'revision' })
    expect(await revisions()).toEqual(['Moved 2'])
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
      expect(await revisions()).toEqual(['One 1', 'Three 1', 'Two 2'])
      // Now one of them is alone in the feed, and one is edited while it is alone.
      await collect(several(guid, 'IcedID').slice(1, 2))
      await collect(several(guid, 'Gozi').slice(1, 2))
      expect(await revisions()).toEqual(['One 1', 'Three 1', 'Two 3'])
    })

    test('keeps them when they have one title too', async () => {
      const items = several(undefined).map((item) => ({ ...item, title: 'Bulletin' }))
      expect(Object.values(await outcomes(items))).toEqual(['article', 'article', 'article'])
    })

    test('does not keep others from that address', async () => {
      await collect(several(undefined))
      expect(await outcomes([report({ content: textOf('LockBit') })], 'second')).toEqual({ g: 'article' })
    })

    test('keeps them when they come one after the other', async () => {
      const [one, two] = several(undefined)
      expect(await outcomes([one!])).toEqual({ 1: 'article' })
      expect(await outcomes([two!])).toEqual({ 2: 'article' })
      expect(await revisions()).toEqual(['One 1', 'Two 1'])
    })

    test('keeps them although another source has that address', async () => {
      await collect([report({ content: textOf('LockBit') })])
      expect(Object.values(await outcomes(several(undefined), 'second'))).toEqual(['article', 'article', 'article'])
      expect(Object.values(await outcomes(several(undefined, 'IcedID'), 'third'))).toEqual([
        'duplicate',
        'duplicate',
        'duplicate',
      ])
    })
  })
})

describe('twice and at once', () => {
  test('a step that broke off after its save says the same again', async () => {
    const first = await collect([report({ content: textOf('Emotet') })])
    const { id } = await addSource(open(), { url: `${site.place}/feed` })
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
      const link = `${site.place}/${n % 2 ? 'report' : `copy-${n}`}`
      sourceIds.push((await check(rss([report({ link, content: textOf('Emotet') })]), feed)).id)
    }
    const results = await Promise.all(sourceIds.map((sourceId) => ingestArticle(open(), { sourceId, key: 'g' }, false)))
    expect(results.map(({ outcome }) => outcome).sort()).toEqual(['article', ...Array(9).fill('duplicate')])
    expect(await articles()).toHaveLength(1)
  })

  test('ten runs for one item give its article once, and all say so', async () => {
    const { id } = await check(rss([report({ content: textOf('Emotet') })]))
    const runs = Array.from({ length: 10 }, () => ingestArticle(open(), { sourceId: id, key: 'g' }, false))
    const { id: articleId } = await Promise.all(runs).then(theArticle)
    expect(new Set((await Promise.all(runs)).map((result) => JSON.stringify(result)))).toEqual(
      new Set([JSON.stringify({ outcome: 'article', articleId, changed: true })]),
    )
    expect(await itemOf('g')).toMatchObject({ outcome: 'article', articleId })
  })

  describe('while we read', () => {
    /** Serves the page so that it answers only after `meanwhile`; gives what one run makes of it. */
    async function ingestWhile(page: Answer, meanwhile: (sourceId: string) => Promise<unknown>): Promise<Ingested> {
      const { promise: released, resolve } = Promise.withResolvers<void>()
      serve('report', { ...page, released })
      const { id } = await check(rss([report()]))
      const reading = ingestArticle(open(), { sourceId: id, key: 'g' }, true)
      await vi.waitUntil(() => count('report') === 1)
      await meanwhile(id)
      resolve()
      return reading
    }
    const change = () => check(rss([report({ title: 'A better title' })]))

    test.each([{ body: pageOf(textOf('Emotet')) }, { status: 404 }, { status: 503 }])(
      'what the source changes is not lost (%#)',
      async (page) => {
        const { changed } = await ingestWhile(page, change)
        expect(changed).toBe(false)
        expect(await itemOf('g')).toMatchObject({ outcome: 'queued', entry: { title: 'A better title' } })
        expect(await articles()).toEqual([])
        serve('report', pageOf(textOf('Emotet')))
        const { id } = await addSource(open(), { url: `${site.place}/feed` })
        expect(await ingestArticle(open(), { sourceId: id, key: 'g' }, false)).toMatchObject({ outcome: 'article' })
        expect((await theArticle()).title).toBe('A better title')
      },
    )

    test('a failure that comes late does not hide the article of another run', async () => {
      await ingestWhile({ status: 503 }, (sourceId) => {
        serve('report', pageOf(textOf('Emotet')))
        return ingestArticle(open(), { sourceId, key: 'g' }, true)
      })
      expect(await itemOf('g')).toMatchObject({ outcome: 'article', articleId: (await theArticle()).id })
    })
  })
})
