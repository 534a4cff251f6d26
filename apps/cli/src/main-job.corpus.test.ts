import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { search } from '@dayshift/domain/search'
import { createLocalLlm, splitSentences } from '@dayshift/llm'
import { createDatabase, type Database, type Db } from '@dayshift/storage'
import { openEmbeddedDatabase } from '@dayshift/storage/embedded'
import { createLog } from '@dayshift/runtime'
import { openTestDatabase, services } from '@dayshift/storage/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run, start, temporaryFolder } from './testing/start.ts'

const corpus = fileURLToPath(new URL('../../../../shared/corpus/', import.meta.url))

/** What a run says of itself in its last line. */
interface Summary {
  sources: number
  articles: number
  revisions: number
  duplicates: number
  skipped: number
  embeddings: number
  summaries: number
  failed: number
  seconds: number
  peakRssMb: number
}

describe.skipIf(!existsSync(corpus))('the main job on the real reports (skipped without ../shared/corpus)', () => {
  let server: ChildProcess
  let origin: string

  beforeAll(async () => {
    server = spawn(process.execPath, [`${corpus}serve.mjs`, '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [line] = (await once(server.stdout!, 'data')) as [Buffer]
    origin = new URL((JSON.parse(line.toString()) as { url: string }).url).origin
  })
  afterAll(() => server.kill())

  const args = (data: string): string[] =>
    ['--once', '--json', '--data', data, '--allow-origin', origin].concat(
      ['--opml', `${origin}/opml.xml`],
      ['--page', `${origin}/quoteintelligence/`],
    )
  const env = (databaseUrl: string | undefined): Record<string, string> =>
    databaseUrl === undefined
      ? {}
      : { DATABASE_URL: databaseUrl, ...(services.redisUrl !== undefined && { REDIS_URL: services.redisUrl }) }

  const places = [
    { name: 'embedded', longestS: 60, databaseUrl: undefined },
    ...(services.databaseUrl === undefined
      ? []
      : [{ name: 'on real servers', longestS: 25, databaseUrl: services.databaseUrl }]),
  ]

  describe.each(places)('$name', ({ databaseUrl, longestS }) => {
    const fresh = async (): Promise<{ data: string; url: string | undefined; end: () => Promise<void> }> => {
      const data = temporaryFolder()
      if (databaseUrl === undefined) return { data: `${data}/data`, url: undefined, end: async () => {} }
      const { url, close } = await openTestDatabase()
      return { data, url, end: close }
    }
    const open = async (data: string, url: string | undefined): Promise<Database> => {
      if (url !== undefined) return createDatabase(url)
      const embedded = await openEmbeddedDatabase({ folder: `${data}/postgres` })
      const database = createDatabase(embedded.url)
      const close = async (): Promise<void> => {
        await database.close()
        await embedded.close()
      }
      return { db: database.db, close }
    }

    test('every article once with title, date and full text; a second run adds nothing; search finds them', async () => {
      const { data, url, end } = await fresh()
      const ended = await run(args(data), env(url))
      expect(ended.stderr).toBe('')
      expect(ended.status).toBe(0)
      const summary = JSON.parse(ended.lastLine) as Summary
      console.log(ended.lastLine)
      expect(summary).toMatchObject({ sources: 5, articles: 266, revisions: 0, duplicates: 0, skipped: 0, failed: 0 })
      expect(summary.summaries).toBe(266)
      expect(summary.seconds).toBeLessThan(longestS)

      const again = JSON.parse((await run(args(data), env(url))).lastLine) as Summary
      expect({ ...again, seconds: 0, peakRssMb: 0 }).toEqual({ ...summary, seconds: 0, peakRssMb: 0 })

      const database = await open(data, url)
      try {
        await expectReports(database.db)
        const found = await findAll(database.db)
        console.log(JSON.stringify(found))
        expect(found.titleFirst).toBeGreaterThanOrEqual(0.98)
        expect(found.sentenceInTen).toBeGreaterThanOrEqual(0.95)
      } finally {
        await database.close()
        await end()
      }
    })

    test('killed at random ten times it loses and doubles nothing', async () => {
      const { data, url, end } = await fresh()
      try {
        for (let kills = 0; kills < 10;) {
          const { child, ended } = start(args(data), env(url))
          await Promise.race([sleep(700 + Math.random() * 2500), ended])
          if (child.kill('SIGKILL')) kills += 1
          await ended
        }
        const summary = JSON.parse((await run(args(data), env(url))).lastLine) as Summary
        expect(summary).toMatchObject({ sources: 5, articles: 266, revisions: 0, duplicates: 0, skipped: 0, failed: 0 })
        expect(summary.summaries).toBe(266)
        const database = await open(data, url)
        await expectReports(database.db)
        const { count } = await database.db
          .selectFrom('outbox')
          .select(({ fn }) => fn.countAll<string>().as('count'))
          .where('state', '<>', 'done')
          .executeTakeFirstOrThrow()
        await database.close()
        expect(count).toBe('0')
      } finally {
        await end()
      }
    })
  })
})

/** Words only: the pages mark up what the reports write as Markdown. */
const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []

async function expectReports(db: Db): Promise<void> {
  const articles = await db.selectFrom('article').select(['title', 'published_at', 'text']).execute()
  const expected = readdirSync(`${corpus}reports`).map((file) => {
    const [, date] = file.split('_')
    const [title = '', ...lines] = readFileSync(`${corpus}reports/${file}`, 'utf8').split('\n')
    return { title: title.trim(), date, words: wordsOf(lines.join('\n').replaceAll(/\]\([^)\s]*\)/g, ']')) }
  })
  const key = (title: string, date: string | undefined): string => `${date} ${wordsOf(title).join(' ')}`
  const byKey = new Map(articles.map((a) => [key(a.title, a.published_at?.toISOString().slice(0, 10)), a]))
  expect(byKey.size).toBe(expected.length)
  for (const { title, date, words } of expected) {
    const text = byKey.get(key(title, date))?.text
    expect(text, `${date} ${title}`).toBeDefined()
    const have = new Set(wordsOf(text ?? ''))
    const missing = words.filter((word) => !have.has(word))
    expect(missing.length / words.length, `${title}: ${missing.slice(0, 10).join(' ')}`).toBeLessThan(0.02)
  }
}

async function findAll(db: Db): Promise<{ titleFirst: number; sentenceInTen: number; p50Ms: number; p95Ms: number }> {
  const llm = createLocalLlm()
  const log = createLog('silent')
  const articles = await db.selectFrom('article').select(['id', 'title', 'text']).execute()
  const times: number[] = []
  const idsFor = async (q: string): Promise<string[]> => {
    const start = performance.now()
    const hits = await search({ db, llm, log }, { q, limit: 10 })
    times.push(performance.now() - start)
    return hits.map(({ article }) => article.id)
  }
  let titles = 0
  let sentences = 0
  for (const { id, title, text } of articles) {
    if ((await idsFor(title))[0] === id) titles += 1
    const long = splitSentences(text).filter((sentence) => sentence.text.length > 60)
    const middle = long[Math.floor(long.length / 2)]
    if (middle && (await idsFor(middle.text.slice(0, 1000))).includes(id)) sentences += 1
  }
  times.sort((a, b) => a - b)
  const at = (share: number): number => Math.round(times[Math.floor(times.length * share)] ?? 0)
  return {
    titleFirst: titles / articles.length,
    sentenceInTen: sentences / articles.length,
    p50Ms: at(0.5),
    p95Ms: at(0.95),
  }
}
