import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { ArticleId } from '@dayshift/domain/articles'
import { createTestModels, saveTestArticle, type TestModels } from '@dayshift/domain/testing'
import { LlmOverBudget, LlmResting, LlmUnavailable } from '@dayshift/llm'
import { enqueue, listJobs, RetryLater, step } from '@dayshift/queue'
import { createDatabase, inTransaction } from '@dayshift/storage'
import { openTestDatabase, services, type TestDatabase } from '@dayshift/storage/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { checkSpaces } from './check.ts'
import { embedArticle } from './embed.ts'
import { saveVectors } from './queries.ts'
import { askForRebuild, rebuild, rebuildSpace } from './rebuild.ts'
import { OtherSpace } from './space.ts'
import { activate, lockStates, setState } from './spaces.ts'
import { countBySpace, countPassages, longText } from './testing/passages.ts'

const clock = () => new Date('2026-11-20T12:00:00Z')
const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const first = 'test:first:768:v1'
const second = 'test:second:768:v1'

let database: TestDatabase
let models: TestModels
const context = () => ({ db: database.db, llm: models, log, clock })
const tools = (signal = new AbortController().signal) => {
  const told: { done: number; total: number }[] = []
  return {
    told,
    signal,
    attempt: 1,
    progress: (value: unknown) => void told.push(value as { done: number; total: number }),
  }
}
const save = async (text: string, publishedAt: string): Promise<ArticleId> => {
  const { id } = await saveTestArticle(context(), { text, publishedAt })
  await embedArticle(context(), id)
  return id
}

beforeAll(async () => {
  database = await openTestDatabase()
})
afterAll(() => database.close())

/** Three articles, embedded by the first model; then the second is configured. */
async function prepare(passagesEach: number): Promise<void> {
  const { db } = database
  for (const table of ['passage_vector', 'embedding_space', 'outbox', 'source'] as const)
    await db.deleteFrom(table).execute()
  models = createTestModels('first')
  await save(longText(passagesEach, 'oldest'), '2026-11-01T00:00:00Z')
  await save(longText(passagesEach, 'newest'), '2026-11-03T00:00:00Z')
  await save(longText(passagesEach, 'middle'), '2026-11-02T00:00:00Z')
  models.configured = 'second'
  await checkSpaces(context())
  models.asked = []
}

describe('a rebuild', () => {
  // More than two batches.
  beforeEach(() => prepare(50))

  test('embeds every passage once, newest articles first, tells how far it is, and then has search use the space', async () => {
    const passages = await countPassages(database.db)
    expect(passages).toBeGreaterThan(128)
    const { told, ...rest } = tools()
    expect(await rebuildSpace(context(), second, rest)).toEqual({ done: passages, total: passages })
    const texts = models.asked.map(({ text }) => text)
    expect(new Set(models.asked.map(({ model, feature }) => `${model} ${feature}`))).toEqual(
      new Set(['second article.embed']),
    )
    expect([texts.length, new Set(texts).size]).toEqual([passages, passages])
    const subjects = texts.map((text) => /oldest|middle|newest/.exec(text)?.[0])
    expect(subjects.filter((subject, index) => subject !== subjects[index - 1])).toEqual(['newest', 'middle', 'oldest'])
    expect(texts[0]).toContain('has 0 as its line')
    // Indicators are written plainly, as when the article is embedded.
    expect(texts.filter((text) => !text.includes('evil.example') || text.includes('[.]'))).toEqual([])
    expect(told.map(({ total }) => total)).toEqual(told.map(() => passages))
    expect(told[0]).toEqual({ done: 0, total: passages })
    expect(told.at(-1)).toEqual({ done: passages, total: passages })
    expect(told.length).toBeGreaterThan(3)
    expect(await countBySpace(database.db)).toEqual({ [first]: ['old', passages], [second]: ['active', passages] })
  })

  test('keeps the same vectors that embedding the article would', async () => {
    await rebuildSpace(context(), second, tools())
    const vectors = () =>
      database.db
        .selectFrom('passage_vector')
        .innerJoin('passage', 'passage.id', 'passage_id')
        .select(['passage.article_id', 'position', 'embedding', 'source_id', 'day'])
        .where('space_id', '=', second)
        .orderBy('passage.article_id')
        .orderBy('position')
        .execute()
    const rebuilt = await vectors()
    for (const id of new Set(rebuilt.map((row) => row.article_id))) await embedArticle(context(), id)
    expect(await vectors()).toEqual(rebuilt)
  })

  test('that is stopped goes on where it was, and nothing is embedded twice', async () => {
    const stop = new AbortController()
    models.before = () => models.asked.length > 64 && stop.abort(new Error('the process stops'))
    await expect(rebuildSpace(context(), second, tools(stop.signal))).rejects.toThrow('the process stops')
    const [state, vectors] = (await countBySpace(database.db))[second] ?? []
    expect(state).toBe('filling')
    expect(vectors).toBe(64)
    // The request under way when it was stopped is the one that is repeated.
    models.asked.splice(64)
    models.before = () => undefined
    const { told, ...rest } = tools()
    await rebuildSpace(context(), second, rest)
    expect(told[0]?.done).toBe(64)
    const passages = await countPassages(database.db)
    expect(new Set(models.asked.map(({ text }) => text)).size).toBe(models.asked.length)
    expect(models.asked).toHaveLength(passages)
    expect((await countBySpace(database.db))[second]).toEqual(['active', passages])
  })

  test('whose process is killed loses the request under way and no more', async () => {
    const path = fileURLToPath(new URL('testing/doomed-rebuild.ts', import.meta.url))
    const child = fork(path, [database.url, second, '1'], { execArgv: [] })
    const lost: string[][] = []
    child.on('message', (texts: string[]) => lost.push(texts))
    while (lost.length < 2) await once(child, 'message')
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect((await countBySpace(database.db))[second]).toEqual(['filling', 64])
    await rebuildSpace(context(), second, tools())
    const passages = await countPassages(database.db)
    const saved = new Set(lost[0])
    expect(models.asked.filter(({ text }) => saved.has(text))).toEqual([])
    expect(models.asked).toHaveLength(passages - 64)
    expect((await countBySpace(database.db))[second]).toEqual(['active', passages])
  })

  test('takes in the articles that come while it runs', async () => {
    let late: Promise<ArticleId> | undefined
    const { db } = database
    models.before = async (_texts, model) => {
      if (late || model !== 'second') return
      // Saved by a process that still has the first model configured.
      const before = { ...createTestModels('first') }
      const { id } = await saveTestArticle(context(), {
        text: longText(2, 'late'),
        publishedAt: '2026-11-19T00:00:00Z',
      })
      late = embedArticle({ db, llm: before, log }, id).then(() => id)
      await late
    }
    const { total } = await rebuildSpace(context(), second, tools())
    expect(total).toBe(await countPassages(db))
    expect((await countBySpace(db))[second]).toEqual(['active', total])
    expect(models.asked.some(({ text }) => text.includes('late'))).toBe(true)
  })

  test('does not begin again once it is done, and one for a space that is no longer wanted ends', async () => {
    await rebuildSpace(context(), second, tools())
    models.asked = []
    await rebuildSpace(context(), second, tools())
    await rebuildSpace(context(), first, tools())
    expect(models.asked).toEqual([])
    expect(
      Object.values(await countBySpace(database.db))
        .map(([state]) => state)
        .toSorted(),
    ).toEqual(['active', 'old'])
  })

  test('fills the gaps of the active space', async () => {
    await rebuildSpace(context(), second, tools())
    await database.db.deleteFrom('passage_vector').where('space_id', '=', second).execute()
    const { total } = await rebuildSpace(context(), second, tools())
    expect((await countBySpace(database.db))[second]).toEqual(['active', total])
  })

  test('keeps nothing of a model that answers in the place of its own', async () => {
    models.gone.add('second')
    models.substitutes = true
    models.configured = 'third'
    await expect(rebuildSpace(context(), second, tools())).rejects.toThrow(OtherSpace)
    expect((await countBySpace(database.db))[second]).toEqual(['filling', 0])
  })
})

describe('the change of the active space', () => {
  beforeEach(() => prepare(2))

  test('is refused while a passage has no vector in the new one', async () => {
    await rebuildSpace(context(), second, tools())
    await database.db.updateTable('embedding_space').set({ state: 'old' }).where('id', '=', second).execute()
    await database.db.updateTable('embedding_space').set({ state: 'active' }).where('id', '=', first).execute()
    await database.db.updateTable('embedding_space').set({ state: 'filling' }).where('id', '=', second).execute()
    const { passage_id: id } = await database.db
      .selectFrom('passage_vector')
      .select('passage_id')
      .executeTakeFirstOrThrow()
    await database.db.deleteFrom('passage_vector').where('passage_id', '=', id).where('space_id', '=', second).execute()
    expect(await activate(database.db, second)).toBe(false)
    expect((await countBySpace(database.db))[first]?.[0]).toBe('active')
    await rebuildSpace(context(), second, tools())
    expect((await countBySpace(database.db))[first]?.[0]).toBe('old')
  })

  test('shows everybody one active space at every moment', async () => {
    const other = createDatabase(database.url)
    const seen: string[][] = []
    const watching = (async () => {
      for (;;) {
        const rows = await other.db.selectFrom('embedding_space').select('id').where('state', '=', 'active').execute()
        const ids = rows.map(({ id }) => id)
        seen.push(ids)
        if (ids.includes(second)) return
        await sleep(0)
      }
    })()
    await rebuildSpace(context(), second, tools())
    await watching
    await other.close()
    expect(new Set(seen.map((ids) => ids.join()))).toEqual(new Set([first, second]))
  })

  test('leaves no article behind that is saved at the same moment', async () => {
    const { db } = database
    await rebuildSpace(context(), second, tools())
    models.configured = 'first'
    await checkSpaces(context())
    const ids = await Promise.all(
      Array.from({ length: 12 }, async (_, n) => (await saveTestArticle(context(), { text: longText(3, `n${n}`) })).id),
    )
    await Promise.all([...ids.map((id) => embedArticle(context(), id)), rebuildSpace(context(), first, tools())])
    expect((await countBySpace(db))[first]).toEqual(['active', await countPassages(db)])
  })

  test('does not undo a decision for another model that falls at the same moment', async () => {
    await rebuildSpace(context(), second, tools())
    models.configured = 'first'
    await checkSpaces(context())
    let changing: Promise<boolean> | undefined
    await inTransaction(database.db, async (tx) => {
      await lockStates(tx)
      await setState(tx, first, 'old')
      changing = activate(database.db, first)
      await sleep(200)
    })
    await changing
    const states = Object.entries(await countBySpace(database.db)).map(([id, [state]]) => [id, state])
    expect(Object.fromEntries(states)).toEqual({ [first]: 'old', [second]: 'active' })
  })

  test('cannot make two active, whoever tries', async () => {
    await expect(database.db.updateTable('embedding_space').set({ state: 'active' }).execute()).rejects.toThrow(
      'unique',
    )
  })
})

test.skipIf(services.databaseUrl === undefined)(
  'a passage that is being replaced is passed over, not waited for',
  async () => {
    await prepare(1)
    const passages = await database.db.selectFrom('passage').select('id').limit(2).execute()
    const [gone = '', kept = ''] = passages.map(({ id }) => id)
    const { vectors } = await models.embed({ texts: ['a', 'b'], purpose: 'document' })
    await database.db.transaction().execute(async (tx) => {
      await tx.deleteFrom('passage').where('id', '=', gone).execute()
      expect(await saveVectors(database.db, { id: second }, [gone, kept], vectors)).toBe(1)
    })
  },
)

describe('the job', () => {
  beforeEach(() => prepare(1))

  test('is asked for once, whether it waits or runs', async () => {
    const jobs = () => listJobs(database.db, { job: rebuild.name, limit: 10 })
    expect(await jobs()).toMatchObject([{ input: { spaceId: second }, state: 'waiting', queue: 'read' }])
    expect(await askForRebuild(database.db, second)).toBe(false)
    await database.db.updateTable('outbox').set({ state: 'running' }).execute()
    expect(await askForRebuild(database.db, second)).toBe(false)
    expect(await jobs()).toHaveLength(1)
    await database.db.updateTable('outbox').set({ state: 'dead' }).execute()
    expect(await askForRebuild(database.db, second)).toBe(true)
  })

  test('goes behind articles that come in', async () => {
    await enqueue(database.db, step(rebuild, { spaceId: first }))
    const jobs = await listJobs(database.db, { job: rebuild.name, limit: 10 })
    expect(jobs.map(({ priority }) => priority > 0)).toEqual([true, true])
  })

  const run = () =>
    rebuild.run(context(), { spaceId: second }, tools()).then(
      () => undefined,
      (error: unknown) => error,
    )
  const budgetUntil = (resetsAt: string) =>
    new LlmOverBudget({ name: 'all, per day', limitUsd: 1, usedUsd: 1, neededUsd: 1, resetsAt: new Date(resetsAt) })

  test.each([
    ['the budget begins anew', budgetUntil('2026-11-20T12:20:00Z'), 1_200_000],
    ['an hour has passed, and looks again', budgetUntil('2026-11-30T00:00:00Z'), 3_600_000],
    ['the vendor wants to be asked again', new LlmUnavailable('away', { retryAfterMs: 7_000 }), 7_000],
    ['the vendor has been left alone', new LlmResting('it failed too often', { retryAfterMs: 30_000 }), 30_000],
    ['a minute has passed when the vendor does not say', new LlmUnavailable('away'), 60_000],
  ])('waits until %s, and that is no failure', async (_what, error, delayMs) => {
    models.before = () => {
      throw error
    }
    const thrown = await run()
    expect(thrown).toBeInstanceOf(RetryLater)
    expect((thrown as RetryLater).delayMs).toBe(delayMs)
  })

  test('fails when its model is gone', async () => {
    models.gone.add('second')
    expect(await run()).toMatchObject({ name: 'LlmModelNotFound' })
  })
})
