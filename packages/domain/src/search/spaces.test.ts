import { checkEmbeddings, embedArticle, rebuild } from '@dayshift/domain/embeddings'
import {
  createTestModels,
  jobTools,
  openTestContext,
  saveTestArticle,
  type TestContext,
  type TestModels,
} from '@dayshift/domain/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { search } from './search.ts'

let context: TestContext
let models: TestModels
const own = () => ({ ...context, llm: models })
const save = async (title: string, text: string) => {
  const { id } = await saveTestArticle(context, { title, text })
  await embedArticle(own(), id)
}
/** Words that only a vector brings together: each has a typing error. */
const vague = 'kerberoastng servce tickts'
const found = async (q: string) =>
  (await search(own(), { q, limit: 5 })).map(({ article, matched }) => [article.title, ...matched])
const checkModel = () => checkEmbeddings.run(own(), {}, jobTools)
const rebuildSpace = (spaceId: string) => rebuild.run(own(), { spaceId }, jobTools)

beforeAll(async () => {
  context = await openTestContext()
})
afterAll(() => context.close())
beforeEach(async () => {
  for (const table of ['passage_vector', 'embedding_space', 'source'] as const)
    await context.db.deleteFrom(table).execute()
  models = createTestModels('a')
  context.logged.length = 0
  await save('Tickets', 'Kerberoasting gives service tickets that are cracked later.')
  await save('Letters', 'The ministries got letters from a forged embassy.')
})

test('search answers from the old space until the new one is complete, and then from the new one', async () => {
  expect((await found(vague))[0]).toEqual(['Tickets', 'meaning'])
  models.configured = 'bb'
  await checkModel()
  models.asked = []
  expect((await found(vague))[0]).toEqual(['Tickets', 'meaning'])
  await save('Embers', 'A wiper burned the disks of the substation.')
  expect((await found('substaton dsks wipr'))[0]).toEqual(['Embers', 'meaning'])
  const questions = () => models.asked.filter(({ feature }) => feature === 'search').map(({ model }) => model)
  expect(questions()).toEqual(['a', 'a'])

  await rebuildSpace('test:bb:768:v1')
  models.asked = []
  expect((await found(vague))[0]).toEqual(['Tickets', 'meaning'])
  expect((await found('substaton dsks wipr'))[0]).toEqual(['Embers', 'meaning'])
  expect(questions()).toEqual(['bb', 'bb'])
})

test('vectors of the other space are not among the answers, though they are as near as can be', async () => {
  models.configured = 'bb'
  await checkModel()
  // What only the second space has: it is not complete, so it has no say.
  await context.db.deleteFrom('passage_vector').execute()
  await save('Alone', 'Kerberoasting gives service tickets that are cracked later.')
  await context.db.deleteFrom('passage_vector').where('space_id', '=', 'test:a:768:v1').execute()
  expect(await found(vague)).toEqual([])
})

test.each([false, true])(
  'without its model the question is searched by words, and that is said once (%s)',
  async (instead) => {
    models.configured = 'bb'
    models.gone.add('a')
    models.substitutes = instead
    const log = { ...context.log }
    const find = (q: string) => search({ ...own(), log }, { q, limit: 5 })
    const [hit] = await find('forged embassy')
    expect([hit?.article.title, hit?.matched]).toEqual(['Letters', ['words']])
    expect(await find(vague)).toEqual([])
    expect(context.logged).toHaveLength(1)
    expect(context.logged[0]).toContain('test:a:768:v1 is gone')
  },
)

test('where nothing is embedded no model is asked', async () => {
  await context.db.deleteFrom('source').execute()
  await context.db.deleteFrom('embedding_space').execute()
  models.asked = []
  expect(await found(vague)).toEqual([])
  expect(models.asked).toEqual([])
})
