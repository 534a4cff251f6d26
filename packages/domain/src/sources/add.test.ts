import { Invalid, NotFound } from '@dayshift/domain/errors'
import { type FeedServer, jobTools, rss, serveFeeds, useTestContext } from '@dayshift/domain/testing'
import { ingest } from '@dayshift/domain/articles'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { addSource, importOpml } from './add.ts'
import { addDefaultSources } from './defaults.ts'
import { poll, pollDue } from './jobs.ts'
import { changeSource, getSource, listSources, removeSource } from './queries.ts'
import { NewSource } from './source.ts'

let server: FeedServer
beforeAll(async () => {
  server = await serveFeeds()
})
afterAll(() => server.close())
const open = useTestContext(() => ({ allowOrigins: [server.origin] }))
const nobody = '0198c0de-0000-7000-8000-000000000000'
beforeEach(async () => {
  await open().db.deleteFrom('source').execute()
  await open().db.deleteFrom('outbox').execute()
})

describe('one source', () => {
  test('is added once, however its address is written', async () => {
    const first = await addSource(open(), { url: 'https://Feeds.example.org:443/rss?utm_source=x#top', title: 'One' })
    expect(first).toMatchObject({ url: 'https://feeds.example.org/rss', title: 'One', kind: 'feed', active: true })
    expect(first).toMatchObject({ outcome: null, articleCount: 0, checkEveryS: 1800 })
    expect(await addSource(open(), { url: 'https://feeds.example.org/rss', title: 'Other' })).toEqual(first)
  })

  test('is called by its host until it has a title', async () => {
    expect((await addSource(open(), { url: 'https://feeds.example.org/rss' })).title).toBe('feeds.example.org')
  })

  test('is Invalid when the guard would never fetch it', async () => {
    for (const url of ['http://127.0.0.1/feed', 'ftp://feeds.example.org/', 'feeds', 'http://[::1]/'])
      await expect(addSource(open(), { url })).rejects.toThrow(Invalid)
    expect(await listSources(open().db)).toEqual([])
  })

  test.each([{ title: 'a\0b' }, { title: ' ' }, { category: 'a\nb' }, { checkEveryS: 1 }])(
    '%o is not taken',
    (part) => {
      expect(NewSource.safeParse({ url: 'https://feeds.example.org/', ...part }).success).toBe(false)
    },
  )

  test('can be changed; what is not there is NotFound', async () => {
    const { id } = await addSource(open(), { url: 'https://feeds.example.org/rss', category: 'A' })
    expect(await changeSource(open().db, id, { active: false, category: null, checkEveryS: 60 })).toMatchObject({
      active: false,
      category: null,
      checkEveryS: 60,
    })
    expect(await changeSource(open().db, id, {})).toMatchObject({ active: false })
    await expect(changeSource(open().db, nobody, { active: true })).rejects.toThrow(NotFound)
    await expect(getSource(open().db, nobody)).rejects.toThrow(NotFound)
    await expect(removeSource(open().db, nobody)).rejects.toThrow(NotFound)
  })

  test('whose check has come is asked for once', async () => {
    open().setTime(new Date(Date.now() + 1000).toISOString())
    const { id } = await addSource(open(), { url: 'https://feeds.example.org/rss' })
    const other = await addSource(open(), { url: 'https://feeds.example.org/quiet' })
    await changeSource(open().db, other.id, { active: false })
    expect(await pollDue.run(open(), {}, jobTools)).toEqual({ due: 1 })
    expect(await pollDue.run(open(), {}, jobTools)).toEqual({ due: 0 })
    const jobs = await open().db.selectFrom('outbox').select(['job', 'input']).execute()
    expect(jobs).toEqual([{ job: 'source.poll', input: { sourceId: id } }])
    open().setTime('2026-11-20T12:00:00Z')
  })

  test('are not asked for outside the hours, when the job waits for them and says so', async () => {
    const hours = { days: [6], from: '08:00', to: '18:00', timeZone: 'Europe/Berlin' }
    const { id } = await addSource(open(), { url: 'https://feeds.example.org/rss' })
    // A Saturday, an hour ahead of UTC: the hours begin at 07:00Z.
    open().setTime(new Date(Date.UTC(2126, 10, 23, 6, 50)).toISOString())
    await expect(pollDue.run(open(), { hours }, jobTools)).rejects.toMatchObject({
      name: 'RetryLater',
      message: 'outside hours: sources are checked Sat 08:00-18:00 Europe/Berlin',
      delayMs: 600_000,
    })
    expect(await open().db.selectFrom('outbox').select('job').execute()).toEqual([])
    open().setTime(new Date(Date.UTC(2126, 10, 23, 7, 0)).toISOString())
    expect(await pollDue.run(open(), { hours }, jobTools)).toEqual({ due: 1 })
    expect(await open().db.selectFrom('outbox').select('input').execute()).toEqual([{ input: { sourceId: id } }])
    open().setTime('2026-11-20T12:00:00Z')
  })
})

test('what another source told as a duplicate is read again when the article’s source is removed', async () => {
  const item = {
    title: 'A report',
    guid: 'g',
    link: 'https://reports.example.org/1',
    content: 'One report. '.repeat(200),
  }
  const add = async (name: string) => {
    server.set(`/${name}`, { body: rss([item]), etag: `"${name}"` })
    return (await addSource(open(), { url: `${server.origin}/${name}` })).id
  }
  const collect = async (sourceId: string) => {
    const { keys } = await poll.run(open(), { sourceId }, jobTools)
    return Promise.all(keys.map(async (key) => (await ingest.run(open(), { sourceId, key }, jobTools)).outcome))
  }
  const [first, second] = [await add('first'), await add('second')]
  expect(await collect(first)).toEqual(['article'])
  expect(await collect(second)).toEqual(['duplicate'])
  await removeSource(open().db, first)
  expect(await collect(second)).toEqual(['article'])
  expect(await listSources(open().db)).toMatchObject([{ id: second, articleCount: 1 }])
})

describe('a list', () => {
  const list = (...urls: string[]) =>
    `<opml version="2.0"><body><outline text="Group">${urls.map((url) => `<outline type="rss" text="A" xmlUrl="${url}"/>`).join('')}</outline></body></opml>`

  test('adds what can be taken and names the rest with its reason', async () => {
    const known = await addSource(open(), { url: 'https://feeds.example.org/known' })
    const long = `https://feeds.example.org/${'x'.repeat(2100)}`
    const imported = await importOpml(
      open(),
      list(
        'https://feeds.example.org/new',
        'https://feeds.example.org/known',
        'http://10.0.0.1/',
        'file:///etc/passwd',
        long,
      ),
    )
    expect(imported).toMatchObject({ added: 1, known: 1, ids: [expect.any(String), known.id] })
    expect(imported.skipped.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('no http or https address'),
      expect.stringContaining('public address'),
      expect.stringContaining('at most 2000 characters'),
    ])
    expect((await listSources(open().db)).map(({ url, category }) => `${url} ${category}`).sort()).toEqual([
      'https://feeds.example.org/known null',
      'https://feeds.example.org/new Group',
    ])
  })

  test.each([
    ['<rss version="2.0"><channel/></rss>', 'Expected an OPML list of feeds, got an RSS feed.'],
    ['', 'got an empty document'],
    ['<!DOCTYPE opml [<!ENTITY a "b">]><opml><body>&a;</body></opml>', 'document type declaration'],
  ])('%j is Invalid', async (text, message) => {
    await expect(importOpml(open(), text)).rejects.toThrow(message)
    await expect(importOpml(open(), text)).rejects.toThrow(Invalid)
  })

  test('is added as a whole or not at all', async () => {
    const { db } = open()
    await sql`alter table source add constraint broken check (url not like '%/b')`.execute(db)
    const two = list('https://feeds.example.org/a', 'https://feeds.example.org/b')
    await expect(importOpml(open(), two)).rejects.toThrow('broken')
    await sql`alter table source drop constraint broken`.execute(db)
    expect(await listSources(db)).toEqual([])
  })
})

test('the first sources are added once for a database', async () => {
  await addDefaultSources(open(), { samples: true, publicSources: true })
  const first = await listSources(open().db)
  expect(first.filter(({ kind }) => kind === 'samples')).toHaveLength(1)
  expect(first.length).toBeGreaterThan(10)
  await removeSource(open().db, first[0]!.id)
  await addDefaultSources(open(), { samples: true, publicSources: true })
  expect(await listSources(open().db)).toHaveLength(first.length - 1)
})

test('the samples are queued and read without any request', async () => {
  await open().db.deleteFrom('setting').execute()
  await addDefaultSources(open(), { samples: true, publicSources: false })
  const [source] = await listSources(open().db)
  const { keys } = await poll.run(open(), { sourceId: source!.id }, jobTools)
  const outcomes = await Promise.all(keys.map((key) => ingest.run(open(), { sourceId: source!.id, key }, jobTools)))
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(keys.map(() => 'article'))
  expect(keys.length).toBeGreaterThanOrEqual(12)
  expect((await poll.run(open(), { sourceId: source!.id }, jobTools)).keys).toEqual([])
})
