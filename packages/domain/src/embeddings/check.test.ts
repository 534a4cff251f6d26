import {
  createTestModels,
  openTestContext,
  saveTestArticle,
  type TestContext,
  type TestModels,
} from '@dayshift/domain/testing'
import { listJobs } from '@dayshift/queue'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { checkSpaces } from './check.ts'
import { embedArticle } from './embed.ts'
import { rebuild, rebuildSpace } from './rebuild.ts'
import { countBySpace, longText } from './testing/passages.ts'

let context: TestContext
let models: TestModels
const spaces = () => countBySpace(context.db)
const id = (model: string) => `test:${model}:768:v1`
const asContext = () => ({ ...context, llm: models })
const save = async (subject: string) => {
  const saved = await saveTestArticle(context, { text: longText(2, subject) })
  await embedArticle(asContext(), saved.id)
}
const waiting = async () => {
  const jobs = await listJobs(context.db, { job: rebuild.name, state: 'waiting', limit: 10 })
  return jobs.map(({ input }) => input as { spaceId: string }).map(({ spaceId }) => spaceId)
}
const rebuildNow = async (model: string) => {
  const signal = new AbortController().signal
  await rebuildSpace(asContext(), id(model), { progress: () => undefined, signal })
  await context.db.deleteFrom('outbox').execute()
}

beforeAll(async () => {
  context = await openTestContext()
})
afterAll(() => context.close())
beforeEach(async () => {
  for (const table of ['passage_vector', 'embedding_space', 'outbox', 'source'] as const)
    await context.db.deleteFrom(table).execute()
  context.logged.length = 0
  models = createTestModels('first')
})

describe('the first space', () => {
  test('is active at once, whether an article or a check brings it', async () => {
    await checkSpaces(asContext())
    expect(await spaces()).toEqual({ [id('first')]: ['active', 0] })
    // Nothing is lost by a change before the first article.
    models.configured = 'second'
    await save('first')
    expect(await spaces()).toMatchObject({ [id('first')]: ['old', 0], [id('second')]: ['active', expect.any(Number)] })
    expect(await waiting()).toEqual([])
  })
})

test('processes with different models agree on one active space, whoever comes first', async () => {
  await Promise.all(['a', 'bb', 'ccc', 'dddd'].map((name) => checkSpaces({ ...context, llm: createTestModels(name) })))
  const states = Object.values(await spaces()).map(([state]) => state)
  expect(states.toSorted()).toEqual(['active', 'old', 'old', 'old'])
})

describe('a change of the model', () => {
  test('is noticed by a check that embeds one short text', async () => {
    await save('before')
    const { [id('first')]: before } = await spaces()
    models.configured = 'second'
    models.asked = []
    expect(await checkSpaces(asContext())).toEqual({ space: id('second'), forgotten: 0 })
    expect(models.asked).toMatchObject([{ model: 'second', feature: 'embeddings.check', fresh: true }])
    expect(models.asked[0]?.text.length).toBeLessThan(50)
    expect(await spaces()).toEqual({ [id('first')]: before, [id('second')]: ['filling', 0] })
    expect(await waiting()).toEqual([id('second')])
    await checkSpaces(asContext())
    expect(await waiting()).toEqual([id('second')])
  })

  test('is noticed by the next article, which is embedded in both spaces', async () => {
    await save('before')
    models.configured = 'second'
    models.asked = []
    await save('after')
    expect(await waiting()).toEqual([id('second')])
    expect(await spaces()).toEqual({ [id('first')]: ['active', 4], [id('second')]: ['filling', 2] })
    expect(models.asked.map(({ model }) => model)).toEqual(['second', 'second', 'first', 'first'])
  })

  test('by many articles at once starts one filling', async () => {
    await save('before')
    models.configured = 'second'
    await Promise.all(Array.from({ length: 8 }, (_, n) => save(`n${n}`)))
    expect(await waiting()).toEqual([id('second')])
    expect(await spaces()).toEqual({ [id('first')]: ['active', 18], [id('second')]: ['filling', 16] })
  })

  test('to a third model while the second is being filled leaves the second', async () => {
    await save('before')
    models.configured = 'second'
    await save('between')
    models.configured = 'third'
    await save('after')
    expect(await spaces()).toEqual({
      [id('first')]: ['active', 6],
      [id('second')]: ['old', 2],
      [id('third')]: ['filling', 2],
    })
  })

  test('that is taken back ends the filling, and costs nothing', async () => {
    await save('before')
    models.configured = 'second'
    await checkSpaces(asContext())
    models.configured = 'first'
    await checkSpaces(asContext())
    expect(await spaces()).toEqual({ [id('first')]: ['active', 2], [id('second')]: ['old', 0] })
    models.asked = []
    await rebuildNow('second')
    expect(models.asked).toEqual([])
  })

  test('that is taken back after it was complete embeds only what came meanwhile', async () => {
    await save('before')
    models.configured = 'second'
    await checkSpaces(asContext())
    await rebuildNow('second')
    await save('after')
    models.configured = 'first'
    await checkSpaces(asContext())
    models.asked = []
    await rebuildNow('first')
    expect(models.asked.map(({ model, text }) => [model, text.includes('after')])).toEqual([
      ['first', true],
      ['first', true],
    ])
    expect(await spaces()).toEqual({ [id('first')]: ['active', 4], [id('second')]: ['old', 4] })
  })
})

describe('when the model of the active space is gone', () => {
  test.each([false, true])(
    'a new article waits for the change with its words (another answers: %s)',
    async (answers) => {
      await save('before')
      models.configured = 'second'
      models.gone.add('first')
      models.substitutes = answers
      await save('after')
      expect(await spaces()).toEqual({ [id('first')]: ['active', 2], [id('second')]: ['filling', 2] })
      const { count } = await context.db
        .selectFrom('passage_words')
        .select(({ fn }) => fn.countAll<string>().as('count'))
        .executeTakeFirstOrThrow()
      expect(Number(count)).toBe(4)
      expect(context.logged).toEqual([
        'warn the model that search still uses does not answer: the article is found by its words for now',
      ])
    },
  )
})

describe('a check', () => {
  test('asks for what has no vector in the active space', async () => {
    await save('whole')
    await checkSpaces(asContext())
    expect(await waiting()).toEqual([])
    const { passage_id: gap } = await context.db
      .selectFrom('passage_vector')
      .select('passage_id')
      .executeTakeFirstOrThrow()
    await context.db.deleteFrom('passage_vector').where('passage_id', '=', gap).execute()
    await checkSpaces(asContext())
    expect(await waiting()).toEqual([id('first')])
  })

  test('asks again for a filling whose job was given up', async () => {
    await save('before')
    models.configured = 'second'
    await checkSpaces(asContext())
    await context.db.updateTable('outbox').set({ state: 'dead' }).execute()
    await checkSpaces(asContext())
    expect(await waiting()).toEqual([id('second')])
  })

  test('changes nothing while the configured model does not answer', async () => {
    await save('before')
    models.gone.add('first')
    expect(await checkSpaces(asContext())).toEqual({ space: null, forgotten: 0 })
    expect(await spaces()).toEqual({ [id('first')]: ['active', 2] })
    expect(context.logged).toHaveLength(1)
  })

  test('deletes what was embedded in a space that has been old for more than a week', async () => {
    await save('before')
    models.configured = 'second'
    await checkSpaces(asContext())
    await rebuildNow('second')
    const age = async (days: number) =>
      sql`update embedding_space set changed_at = now() - ${days} * interval '1 day'`.execute(context.db)
    await age(6.9)
    expect((await checkSpaces(asContext())).forgotten).toBe(0)
    await age(7.1)
    expect((await checkSpaces(asContext())).forgotten).toBe(2)
    expect(await spaces()).toEqual({ [id('first')]: ['old', 0], [id('second')]: ['active', 2] })
  })

  test('of the model that an old space is of begins with what is still there', async () => {
    await save('before')
    models.configured = 'second'
    await checkSpaces(asContext())
    await rebuildNow('second')
    await sql`update embedding_space set changed_at = now() - interval '8 days'`.execute(context.db)
    models.configured = 'first'
    expect((await checkSpaces(asContext())).forgotten).toBe(0)
    expect(await spaces()).toEqual({ [id('first')]: ['filling', 2], [id('second')]: ['active', 2] })
  })
})
