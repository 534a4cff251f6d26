import { listJobs } from '@dayshift/queue'
import { describe, expect, test } from 'vitest'
import { insertArticle, insertSource } from '../testing/content.ts'
import { useTestWeb } from '../testing/web.ts'

const web = useTestWeb()
const opml = (body: string) => `<?xml version="1.0"?><opml version="2.0"><body>${body}</body></opml>`
const importList = (payload: string | Buffer, type = 'text/x-opml') =>
  web().person('POST', '/api/v1/sources/import', { payload, headers: { 'content-type': type } })
const exportList = async () => (await web().person('GET', '/api/v1/sources/export')).body
const pollsOf = async (sourceId: string) =>
  (await listJobs(web().context.db, { limit: 200 })).filter(
    ({ job, input }) => job === 'source.poll' && (input as { sourceId: string }).sourceId === sourceId,
  )

describe('a source', () => {
  test('is added, checked at once, changed and removed with its articles', async () => {
    const payload = { url: 'https://blog.example.org/feed', title: 'Blog', category: 'News' }
    const added = await web().person('POST', '/api/v1/sources', { payload })
    expect(added.statusCode).toBe(201)
    const source = added.json()
    expect(source).toMatchObject({ ...payload, kind: 'feed', active: true, articleCount: 0, lastCheckedAt: null })
    const path = `/api/v1/sources/${source.id}`
    expect(added.headers['location']).toBe(path)
    expect(await pollsOf(source.id)).toHaveLength(1)

    const change = { active: false, category: null, title: 'The blog' }
    expect((await web().person('PATCH', path, { payload: change })).json()).toMatchObject(change)
    expect((await web().person('GET', path)).json()).toMatchObject(change)

    const articleId = await insertArticle(web().context.db, { sourceId: source.id })
    expect((await web().person('DELETE', path)).statusCode).toBe(204)
    expect((await web().person('GET', path)).statusCode).toBe(404)
    expect((await web().person('GET', `/api/v1/articles/${articleId}`)).statusCode).toBe(404)
    expect((await web().person('DELETE', path)).statusCode).toBe(404)
  })

  test('is checked once when it is asked for twice', async () => {
    const id = await insertSource(web().context.db)
    const check = async () => (await web().person('POST', `/api/v1/sources/${id}/check`)).json()
    expect([await check(), await check()]).toEqual([{ queued: true }, { queued: false }])
    expect(await pollsOf(id)).toHaveLength(1)
  })

  test.each([
    'http://127.0.0.1/feed',
    'http://169.254.169.254/latest/meta-data/',
    'http://[::1]/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'https://user:password@blog.example.org/',
    'not an address',
  ])('cannot be at %s', async (url) => {
    const answer = await web().person('POST', '/api/v1/sources', { payload: { url } })
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'invalid'])
  })

  test.each([{ checkEveryS: 59 }, { kind: 'samples' }, { id: 'x' }, { title: '' }, { active: 'no' }])(
    'does not take the change %o',
    async (payload) => {
      const id = await insertSource(web().context.db)
      expect((await web().person('PATCH', `/api/v1/sources/${id}`, { payload })).statusCode).toBe(400)
    },
  )
})

describe('a list of sources', () => {
  test('goes out and comes in again as it was', async () => {
    const given = opml(
      `<outline text="Threats &amp; &lt;more&gt;"><outline type="rss" text="Quotes &quot;here&quot;" xmlUrl="https://a.example.org/feed?x=1&amp;y=2" htmlUrl="https://a.example.org/"/></outline>
       <outline type="rss" text="Ünïcode 報告" xmlUrl="https://b.example.org/feed"/>`,
    )
    const imported = await importList(given)
    expect(imported.json()).toEqual({ added: 2, known: 0, skipped: [] })
    const before = await exportList()
    expect(before).toContain('Ünïcode 報告')

    const { items } = (await web().person('GET', '/api/v1/sources')).json()
    for (const { id } of items) await web().person('DELETE', `/api/v1/sources/${id}`)
    expect(await exportList()).not.toContain('https://a.example.org/')
    const again = await importList(before)
    expect(again.json()).toMatchObject({ known: 0, skipped: [] })
    expect(await exportList()).toBe(before)
    expect((await importList(before)).json()).toMatchObject({ added: 0, known: again.json().added })
  })

  test('is a file to save', async () => {
    const { headers } = await web().person('GET', '/api/v1/sources/export')
    expect(headers).toMatchObject({
      'content-type': 'text/x-opml; charset=utf-8',
      'content-disposition': 'attachment; filename="dayshift.opml"',
    })
  })

  test('is read in the encoding that it says', async () => {
    const list = opml('<outline type="rss" text="Caf\xe9" xmlUrl="https://latin.example.org/feed"/>')
    const payload = Buffer.from(list.replace('?>', ' encoding="ISO-8859-1"?>'), 'latin1')
    expect((await importList(payload, 'text/xml')).json()).toMatchObject({ added: 1 })
    expect(await exportList()).toContain('Café')
  })

  test('names what it cannot take, and takes the rest', async () => {
    const list = opml(`
      <outline text="private" xmlUrl="http://10.0.0.1/feed"/>
      <outline text="script" xmlUrl="javascript:alert(1)"/>
      <outline text="fine" xmlUrl="https://fine.example.org/feed"/>`)
    const answer = (await importList(list)).json()
    expect(answer).toMatchObject({ added: 1, known: 0 })
    expect(answer.skipped).toHaveLength(2)
  })

  test.each(['', 'not XML', '<rss version="2.0"/>', '{"opml":1}', opml('')])('is not %s', async (text) => {
    expect((await importList(text)).statusCode).toBe(400)
  })

  test('of more than 1 MiB is taken, of more than 5 MiB is not', async () => {
    const outline = (index: number) =>
      `<outline type="rss" text="${'x'.repeat(300)}" xmlUrl="https://big.example.org/${index}"/>`
    const list = opml(Array.from({ length: 3500 }, (_, index) => outline(index % 3)).join(''))
    expect(Buffer.byteLength(list)).toBeGreaterThan(1_048_576)
    expect((await importList(list)).json()).toMatchObject({ added: 3 })
    expect((await importList('x'.repeat(5 * 1_048_576 + 1))).statusCode).toBe(413)
  })
})
