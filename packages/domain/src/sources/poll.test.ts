import { rss, type RssItem, serveFeeds, type FeedServer, useTestContext } from '@dayshift/domain/testing'
import { createSandbox } from '@dayshift/sandbox'
import { inTransaction } from '@dayshift/storage'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { addSource } from './add.ts'
import { findItem, queueEntries, settleItem } from './items.ts'
import { pollSource } from './poll.ts'
import { changeSource, claimDueSources, getSource } from './queries.ts'
import type { SourceId } from './source.ts'

const NOW = '2026-11-20T12:00:00Z'
let server: FeedServer
beforeAll(async () => {
  server = await serveFeeds()
})
afterAll(() => server.close())
const open = useTestContext(() => ({ allowOrigins: [server.origin], limits: { totalTimeoutMs: 1000 } }))
const at = (secondsLater: number): string => new Date(Date.parse(NOW) + secondsLater * 1000).toISOString()

let path = ''
let tests = 0
beforeEach(async () => {
  path = `/feed-${(tests += 1)}`
  open().setTime(NOW)
  await open().db.deleteFrom('source').execute()
})

const addFeed = async (): Promise<SourceId> => (await addSource(open(), { url: `${server.origin}${path}` })).id
const poll = (id: SourceId) => pollSource(open(), id)
const item = (n: number, more: Partial<RssItem> = {}): RssItem => ({
  title: `Report ${n}`,
  link: `https://reports.example.org/${n}`,
  guid: `r${n}`,
  date: '2026-11-19T09:00:00Z',
  content: `Text ${n}`,
  ...more,
})

async function settleAll(id: SourceId, outcome: 'article' | 'skipped' | 'failed' = 'skipped'): Promise<void> {
  const { db, clock } = open()
  for (const { key, fingerprint } of await db.selectFrom('source_item').selectAll().execute())
    await settleItem(db, id, key, { fingerprint, outcome, reason: 'a test', at: clock() })
}

describe('what is new', () => {
  test('the first check queues every entry, the next one with the same answer none', async () => {
    server.set(path, {
      body: rss([item(1), item(2), item(3)]),
      etag: '"a"',
      lastModified: 'Thu, 19 Nov 2026 09:00:00 GMT',
    })
    const id = await addFeed()
    expect(await poll(id)).toEqual({ sourceId: id, outcome: 'new', keys: ['r1', 'r2', 'r3'] })
    await settleAll(id)
    expect(await poll(id)).toEqual({ sourceId: id, outcome: 'unchanged', keys: [] })
    expect(server.headersOf(path)).toMatchObject({
      'if-none-match': '"a"',
      'if-modified-since': 'Thu, 19 Nov 2026 09:00:00 GMT',
    })
    expect(server.requests.filter((asked) => !asked.startsWith('/feed-'))).toEqual([])
    expect(await getSource(open().db, id)).toMatchObject({
      outcome: 'unchanged',
      failures: 0,
      lastCheckedAt: new Date(NOW),
      lastSuccessAt: new Date(NOW),
      nextCheckAt: new Date(at(1800)),
    })
  })

  test('a date of change alone is enough for a 304', async () => {
    const lastModified = 'Thu, 19 Nov 2026 09:00:00 GMT'
    server.set(path, { body: rss([item(1)]), lastModified })
    const id = await addFeed()
    await poll(id)
    // What the server would say to a request without the date.
    server.set(path, { body: rss([item(2)]), lastModified })
    expect((await poll(id)).keys).toEqual(['r1'])
  })

  test('another ETag on the same body is no change, and is the one sent next', async () => {
    server.set(path, { body: rss([item(1)]), etag: '"a"' })
    const id = await addFeed()
    await poll(id)
    await settleAll(id)
    server.set(path, { body: rss([item(1)]), etag: '"b"' })
    // The parser is not even asked.
    const sandbox = createSandbox()
    await sandbox.close()
    expect(await pollSource({ ...open(), sandbox }, id)).toMatchObject({ outcome: 'unchanged', keys: [] })
    await poll(id)
    expect(server.headersOf(path)?.['if-none-match']).toBe('"b"')
  })

  test('an entry that is added or edited is queued alone', async () => {
    server.set(path, rss([item(1), item(2), item(3)]))
    const id = await addFeed()
    await poll(id)
    await settleAll(id)
    server.set(path, rss([item(4), item(1), item(2, { content: 'Text 2, corrected' }), item(3)]))
    expect((await poll(id)).keys).toEqual(['r2', 'r4'])
    expect((await getSource(open().db, id)).outcomeDetail).toBe('2 new or changed')
    await settleAll(id)
    server.set(
      path,
      rss([item(4), item(1, { title: 'Report 1 (updated)' }), item(2, { content: 'Text 2, corrected' })]),
    )
    expect((await poll(id)).keys).toEqual(['r1'])
  })

  test('entries with one date, with none, or older than known ones are not lost', async () => {
    const undated = (n: number) => ({ title: `Report ${n}`, guid: `r${n}`, content: `Text ${n}` })
    server.set(path, rss([item(1), item(2), undated(3)]))
    const id = await addFeed()
    await poll(id)
    await settleAll(id)
    server.set(
      path,
      rss([item(1), item(2), undated(3), item(4), undated(5), item(6, { date: '2019-01-01T00:00:00Z' })]),
    )
    expect((await poll(id)).keys).toEqual(['r4', 'r5', 'r6'])
    expect((await findItem(open().db, id, 'r5'))?.entry).not.toHaveProperty('publishedAt')
  })

  test('a cut feed gives its whole items and is asked for whole again', async () => {
    const whole = rss([item(1), item(2), item(3)])
    server.set(path, { body: whole.slice(0, whole.indexOf('Report 3')), etag: '"a"' })
    const id = await addFeed()
    expect((await poll(id)).keys).toEqual(['r1', 'r2'])
    expect((await getSource(open().db, id)).outcomeDetail).toBe('the feed was cut off; its 2 whole items were kept')
    await settleAll(id)
    server.set(path, { body: whole, etag: '"a"' })
    expect(await poll(id)).toMatchObject({ outcome: 'new', keys: ['r3'] })
  })

  test('texts that PostgreSQL cannot hold do not keep the others out', async () => {
    const items = [
      { id: 'nul', title: 'one', content_html: 'a\0b' },
      { id: 'half', title: 'two', content_html: 'a\ud83db' },
      { id: 'fine', title: 'three', content_html: 'c' },
    ]
    server.set(path, JSON.stringify({ version: 'https://jsonfeed.org/version/1.1', title: 'f', items }))
    const id = await addFeed()
    expect((await poll(id)).keys).toEqual(['fine', 'half', 'nul'])
    expect((await findItem(open().db, id, 'nul'))?.entry?.html).toBe('a\ufffdb')
    expect((await findItem(open().db, id, 'half'))?.entry?.html).toBe('a\ufffdb')
  })

  test('entries that share an address are marked, whatever trackers it carries', async () => {
    const shared = 'https://reports.example.org/all'
    server.set(path, rss([item(1, { link: shared }), item(2, { link: `${shared}?utm_source=rss` }), item(3)]))
    const id = await addFeed()
    await poll(id)
    const marks = await Promise.all(['r1', 'r2', 'r3'].map((key) => findItem(open().db, id, key)))
    expect(marks.map((found) => found?.entry?.sharesUrl)).toEqual([true, true, false])
  })
})

describe('what was interrupted', () => {
  test('keys that nobody has read yet come again, also after a 304', async () => {
    server.set(path, { body: rss([item(1), item(2)]), etag: '"a"' })
    const id = await addFeed()
    const first = await poll(id)
    expect(await poll(id)).toEqual({ ...first, outcome: 'unchanged' })
  })

  test('nothing is kept of a check whose save broke off', async () => {
    server.set(path, { body: rss([item(1), item(2)]), etag: '"a"' })
    const id = await addFeed()
    const { db } = open()
    await sql`alter table source add constraint broken check (outcome is null)`.execute(db)
    await expect(poll(id)).rejects.toThrow('broken')
    await sql`alter table source drop constraint broken`.execute(db)
    expect(await open().db.selectFrom('source_item').selectAll().execute()).toEqual([])
    expect(await getSource(open().db, id)).toMatchObject({ outcome: null, lastCheckedAt: null })
    expect((await poll(id)).keys).toEqual(['r1', 'r2'])
  })

  test('items that failed are asked for again at the next checks, ten times in all', async () => {
    server.set(path, { body: rss([item(1)]), etag: '"a"' })
    const id = await addFeed()
    let asked = 0
    while ((await poll(id)).keys.length > 0 && asked < 20) {
      asked += 1
      await settleAll(id, 'failed')
    }
    expect(asked).toBe(10)
    server.set(path, rss([item(1, { content: 'Text 1, corrected' })]))
    expect((await poll(id)).keys).toEqual(['r1'])
    await settleAll(id, 'failed')
    expect((await poll(id)).keys).toEqual(['r1'])
  })

  test('a check that asked while the process stops says nothing about the source', async () => {
    server.set(path, rss([item(1)]))
    const id = await addFeed()
    const sandbox = createSandbox()
    await sandbox.close()
    await expect(pollSource({ ...open(), sandbox }, id)).rejects.toThrow('open sandbox')
    expect(await getSource(open().db, id)).toMatchObject({ outcome: null, failures: 0 })
  })

  test('two checks at once queue each entry once', async () => {
    server.set(path, rss(Array.from({ length: 50 }, (_, n) => item(n))))
    const id = await addFeed()
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => poll(id)))
    expect(outcomes.filter(({ outcome }) => outcome === 'new')).toHaveLength(1)
    expect(await open().db.selectFrom('source_item').selectAll().execute()).toHaveLength(50)
  })
})

test('checks that see the entries in another order at once do not stop each other', async () => {
  server.set(path, rss([]))
  const id = await addFeed()
  const entries = (round: number) =>
    Array.from({ length: 300 }, (_, n) => ({ key: `k${n}`, title: `Report ${n}, state ${round}` }))
  for (let round = 0; round < 4; round++) {
    const orders = [entries(round), entries(round).reverse(), entries(round + 1), entries(round + 1).reverse()]
    await Promise.all(orders.map((order) => inTransaction(open().db, (tx) => queueEntries(tx, id, order))))
  }
  expect((await poll(id)).keys).toHaveLength(300)
})

describe('sources that fail', () => {
  test.each([
    [{ status: 500 }, 'http-500', 'The source answered 500; 200 was expected.'],
    [{ status: 404 }, 'http-404', 'The source answered 404; 200 was expected.'],
    [
      { status: 429, headers: { 'retry-after': '120' } },
      'slow-down',
      'The source answered 429 and asked to wait 120 s.',
    ],
    [{ status: 503 }, 'slow-down', 'The source answered 503.'],
    [
      { body: '<html><body>Log in</body></html>' },
      'html-page',
      'Expected a feed (RSS, Atom, RDF or JSON Feed), got an HTML page.',
    ],
    [{ body: '' }, 'empty', 'Expected a feed (RSS, Atom, RDF or JSON Feed), got an empty document.'],
    [
      { location: 'http://169.254.169.254/latest', status: 302 },
      'address',
      'expected a public address, got "169.254.169.254"; allow the origin to reach it',
    ],
    [{ body: rss([item(1)]), delayMs: 3000 }, 'timeout', expect.stringMatching(/./)],
  ])('%# %o is written down', async (answer, outcome, outcomeDetail) => {
    server.set(path, answer)
    const id = await addFeed()
    expect(await poll(id)).toEqual({ sourceId: id, outcome, keys: [] })
    expect(await getSource(open().db, id)).toMatchObject({
      outcome,
      outcomeDetail,
      failures: 1,
      active: true,
      lastCheckedAt: new Date(NOW),
      lastSuccessAt: null,
    })
  })

  test('are asked half as often each time, but at least once a day, and as usual once they answer', async () => {
    server.set(path, { status: 500 })
    const id = await addFeed()
    const waits: number[] = []
    for (let failures = 0; failures < 9; failures++) {
      await poll(id)
      waits.push(((await getSource(open().db, id)).nextCheckAt.getTime() - Date.parse(NOW)) / 60_000)
    }
    expect(waits).toEqual([30, 60, 120, 240, 480, 960, 1440, 1440, 1440])
    server.set(path, rss([item(1)]))
    await poll(id)
    expect(await getSource(open().db, id)).toMatchObject({
      failures: 0,
      outcome: 'new',
      nextCheckAt: new Date(at(1800)),
    })
  })

  test('a weekly source that fails is not asked more often than one that works', async () => {
    server.set(path, { status: 500 })
    const id = await addFeed()
    await changeSource(open().db, id, { checkEveryS: 604_800 })
    await poll(id)
    expect((await getSource(open().db, id)).nextCheckAt).toEqual(new Date(at(604_800)))
  })

  test.each([
    ['7200', 7200],
    ['60', 1800],
    ['Fri, 20 Nov 2026 12:00:00 GMT', 1800],
    ['9999999', 86_400],
  ])('Retry-After %s is honoured within a day', async (retryAfter, seconds) => {
    server.set(path, { status: 503, headers: { 'retry-after': retryAfter } })
    const id = await addFeed()
    await poll(id)
    expect((await getSource(open().db, id)).nextCheckAt).toEqual(new Date(at(seconds)))
  })

  test('one that is gone is not asked again', async () => {
    server.set(path, { status: 410 })
    const id = await addFeed()
    await poll(id)
    expect(await getSource(open().db, id)).toMatchObject({ outcome: 'gone', active: false, failures: 1 })
    expect(await claimDueSources(open().db, new Date(at(999_999)))).toEqual([])
  })

  test('what it had is kept, and its validators too', async () => {
    server.set(path, { body: rss([item(1)]), etag: '"a"' })
    const id = await addFeed()
    await poll(id)
    server.set(path, { status: 500 })
    expect((await poll(id)).keys).toEqual(['r1'])
    await poll(id)
    expect(server.headersOf(path)?.['if-none-match']).toBe('"a"')
  })

  test('an address that is refused cannot be added, nor followed when a source turns to it', async () => {
    await expect(addSource(open(), { url: 'http://169.254.169.254/feed' })).rejects.toThrow('public address')
    await expect(addSource(open(), { url: 'file:///etc/passwd' })).rejects.toThrow('http or https')
    await expect(addSource(open(), { url: `${server.origin}/${'x'.repeat(2500)}` })).rejects.toThrow('at most 2000')
    const id = await addFeed()
    await open().db.updateTable('source').set({ url: 'http://10.0.0.1/feed' }).where('id', '=', id).execute()
    expect(await poll(id)).toMatchObject({ outcome: 'address' })
  })
})

describe('a source that moved', () => {
  const urlOf = async (id: SourceId) => (await getSource(open().db, id)).url

  test('for good is asked at its new address', async () => {
    server.set(path, { status: 301, location: `${path}-b` })
    server.set(`${path}-b`, { status: 308, location: `${path}-c?utm_source=old` })
    server.set(`${path}-c?utm_source=old`, { body: rss([item(1)]), etag: '"a"' })
    server.set(`${path}-c`, { body: rss([item(1)]), etag: '"a"' })
    const id = await addFeed()
    expect(await poll(id)).toMatchObject({ outcome: 'new' })
    expect(await urlOf(id)).toBe(`${server.origin}${path}-c`)
    await poll(id)
    expect(server.count(path)).toBe(1)
    expect(server.headersOf(`${path}-c`)?.['if-none-match']).toBe('"a"')
  })

  test('for a while stays where it is', async () => {
    server.set(path, { status: 301, location: `${path}-b` })
    server.set(`${path}-b`, { status: 302, location: `${path}-c` })
    server.set(`${path}-c`, rss([item(1)]))
    const id = await addFeed()
    await poll(id)
    expect(await urlOf(id)).toBe(`${server.origin}${path}`)
  })

  test('to an address of another source stays where it is, and both go on', async () => {
    server.set(path, { status: 301, location: `${path}-b` })
    server.set(`${path}-b`, rss([item(1)]))
    const id = await addFeed()
    const other = await addSource(open(), { url: `${server.origin}${path}-b` })
    expect(await poll(id)).toMatchObject({ outcome: 'new', keys: ['r1'] })
    expect(await urlOf(id)).toBe(`${server.origin}${path}`)
    expect(await urlOf(other.id)).toBe(`${server.origin}${path}-b`)
    expect(open().logged).toContain('warn a source moved to an address that another source has')
  })

  test('to a page that is no feed does not move', async () => {
    server.set(path, { status: 301, location: '/home' })
    server.set('/home', '<!doctype html><html><body>Welcome</body></html>')
    const id = await addFeed()
    expect(await poll(id)).toMatchObject({ outcome: 'html-page' })
    expect(await urlOf(id)).toBe(`${server.origin}${path}`)
  })
})

test('a compressed feed is read, in its own charset', async () => {
  const body = rss([item(1, { title: 'Café' })]).replace('utf-8', 'windows-1252')
  server.set(path, { body: Buffer.from(body, 'latin1'), gzip: true, headers: { 'content-type': 'text/xml' } })
  const id = await addFeed()
  await poll(id)
  expect((await findItem(open().db, id, 'r1'))?.entry?.title).toBe('Café')
})
