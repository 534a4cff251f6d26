import { rss } from '@dayshift/domain/testing'
import { createSandbox } from '@dayshift/sandbox'
import { describe, expect, test } from 'vitest'
import { ingestArticle } from './ingest.ts'
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
  serve,
  site,
  textOf,
  theArticle,
} from './testing/site.ts'

describe('where the text comes from', () => {
  test('content that is whole is taken from the feed and the page is not fetched', async () => {
    serve('report', pageOf('the page'))
    await collect([report({ content: `<p>${textOf('Emotet')}</p>` })])
    expect(await theArticle()).toMatchObject({
      title: 'A report',
      url: `${site.place}/report`,
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
    await collect(['a', 'b', 'c'].map((name) => ({ title: name, link: `${site.place}/${name}`, guid: name })))
    const dates = new Map((await articles()).map(({ title, publishedAt }) => [title, publishedAt]))
    expect(dates.get('a')).toBeNull()
    expect(dates.get('b')).toEqual(new Date('2026-11-01T08:00:00Z'))
    expect(dates.get('c')).toBeNull()
  })

  test('an item without a link is read from the feed', async () => {
    expect(await outcomes([{ title: 'A note', guid: 'n', content: 'Short, and all there is.' }])).toEqual({
      n: 'article',
    })
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
    const items = ['missing', 'empty', 'pdf'].map((name) => ({
      title: name,
      guid: name,
      link: `${site.place}/${name}`,
    }))
    expect(
      await outcomes([...items, report({ guid: 'image', link: `${site.place}/empty`, content: '<img src="x">' })]),
    ).toEqual({
      missing: 'skipped',
      empty: 'skipped',
      pdf: 'skipped',
      image: 'skipped',
    })
    expect((await itemOf('missing')).reason).toBe(`The page ${site.place}/missing answered 404; 200 was expected.`)
    expect((await itemOf('empty')).reason).toBe(`The page ${site.place}/empty has no text.`)
    expect((await itemOf('pdf')).reason).toBe(`The page ${site.place}/pdf is application/pdf; HTML was expected.`)
    expect(await articles()).toEqual([])
  })

  test.each([503, 429, 500])('%i is tried again, and failed with the reason at the last try', async (status) => {
    serve('report', { status })
    await expect(collect([report({ content: 'A teaser.' })], 'feed', false)).rejects.toThrow(`answered ${status}`)
    expect(await itemOf('g')).toMatchObject({ outcome: 'queued', reason: null })
    expect(await outcomes([report({ content: 'A teaser.' })])).toEqual({ g: 'failed' })
    const reason = `The page ${site.place}/report answered ${status}.`
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
    expect(new Set(open().dialled)).toEqual(new Set([site.host]))
  })

  test('a page that redirects to a refused address is skipped', async () => {
    serve('report', { status: 302, location: 'http://169.254.169.254/latest/meta-data/' })
    expect(await outcomes([report({ content: 'x' })])).toEqual({ g: 'skipped' })
    expect(new Set(open().dialled)).toEqual(new Set([site.host]))
  })

  test('a page that dies with the process is not given up', async () => {
    serve('report', pageOf(textOf('Emotet')))
    const { id } = await check(rss([report()]))
    const sandbox = createSandbox()
    await sandbox.close()
    const item = { sourceId: id, key: 'g' }
    await expect(ingestArticle({ ...open(), sandbox }, item, false)).rejects.toThrow('open sandbox')
    expect(await itemOf('g')).toMatchObject({ outcome: 'queued' })
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
    const items = [
      { id: 'g', title: 'N\0ul \ud83d', author: { name: 'a\0b' }, content_html: `x\0y \udc00 ${textOf('Emotet')}` },
    ]
    const { id } = await check(JSON.stringify({ version: 'https://jsonfeed.org/version/1', title: 'f', items }))
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
    const hostile =
      '<script>alert(1)</script><a href="javascript:alert(2)">go</a><img src=x onerror="alert(3)"><svg onload=alert(4)>'
    await collect([report({ content: `<p onclick="alert(5)">${textOf('Emotet')}</p>${hostile}` })])
    expect((await theArticle()).html).not.toMatch(/script|onclick|onerror|onload|<img|<svg/i)
  })

  test('an address too long for an index is not followed; whole content is kept without it', async () => {
    const link = `${site.place}/${'x'.repeat(3000)}`
    expect(
      await outcomes([report({ link, guid: 'a' }), report({ link: `${link}y`, guid: 'b', content: textOf('Emotet') })]),
    ).toEqual({
      a: 'skipped',
      b: 'article',
    })
    expect((await theArticle()).url.length).toBeLessThan(100)
  })

  test('a page that redirects to such an address keeps the one of its link', async () => {
    const long = `report-${'x'.repeat(3000)}`
    serve('report', { status: 302, location: `${site.place}/${long}` })
    serve(long, pageOf(textOf('Emotet')))
    expect(await outcomes([report()])).toEqual({ g: 'article' })
    expect((await theArticle()).url).toBe(`${site.place}/report`)
  })
})
