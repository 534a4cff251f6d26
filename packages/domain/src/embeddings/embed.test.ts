import { type ArticleId, getArticleText } from '@dayshift/domain/articles'
import { search } from '@dayshift/domain/search'
import { jobTools, saveTestArticle, useTestContext } from '@dayshift/domain/testing'
import { createLocalLlm, createScriptedLlm, type Llm, LlmUnavailable } from '@dayshift/llm'
import { expect, test } from 'vitest'
import { embedArticle } from './embed.ts'
import { embed } from './jobs.ts'

const open = useTestContext()
const long = Array.from({ length: 60 }, (_, n) => `Sentence ${n} tells of evil[.]example and of host ${n}.`).join(' ')
const save = (text: string) => saveTestArticle(open(), { text })

const passagesOf = (id: ArticleId) =>
  open()
    .db.selectFrom('passage')
    .innerJoin('passage_words', 'passage_words.passage_id', 'passage.id')
    .innerJoin('passage_vector', 'passage_vector.passage_id', 'passage.id')
    .select([
      'revision',
      'position',
      'start_offset as start',
      'end_offset as end',
      'text',
      'words',
      'space_id as spaceId',
    ])
    .where('passage.article_id', '=', id)
    .orderBy('position')
    .execute()

/** The local model, but its answer to the request is changed. */
const changed = (change: (vectors: Float32Array[]) => Float32Array[]): Llm => {
  const local = createLocalLlm()
  return {
    ...local,
    async embed(request) {
      const answer = await local.embed(request)
      return { ...answer, vectors: change(answer.vectors) }
    },
  }
}

test('every passage is kept with its place, its words and its vector', async () => {
  const { id } = await save(long)
  expect(await embedArticle(open(), id)).toBe(3)
  const passages = await passagesOf(id)
  expect(passages.map(({ position, revision }) => [position, revision])).toEqual([
    [0, 1],
    [1, 1],
    [2, 1],
  ])
  for (const { start, end, text } of passages) expect(text).toBe(long.slice(start, end))
  expect(passages.map(({ text }) => text).join(' ')).toBe(long)
  // Indicators are found however they are written.
  expect(passages[0]?.words).toContain("'evil.example'")
})

test('embedding again replaces', async () => {
  const { id } = await save(`${long} Again.`)
  await embedArticle(open(), id)
  await open().db.updateTable('article').set({ text: 'Short now.', revision: 2 }).where('id', '=', id).execute()
  expect(await embedArticle({ ...open(), llm: createScriptedLlm() }, id)).toBe(1)
  expect(await passagesOf(id)).toMatchObject([{ text: 'Short now.', revision: 2, spaceId: 'scripted:v1:768' }])
  const left = await open().db.selectFrom('passage_vector').select('passage_id').where('article_id', '=', id).execute()
  expect(left).toHaveLength(1)
})

test('a text without a word has no passages, and no model is asked', async () => {
  const { id } = await save('Some text.')
  await embedArticle(open(), id)
  await open().db.updateTable('article').set({ text: ' \n\n ' }).where('id', '=', id).execute()
  const llm = createScriptedLlm()
  expect(await embedArticle({ ...open(), llm }, id)).toBe(0)
  expect(llm.embedRequests).toEqual([])
  expect(await passagesOf(id)).toEqual([])
})

test.each([
  [
    'vectors of another length',
    (vectors: Float32Array[]) => vectors.map((vector) => vector.slice(1)),
    'of 768 numbers',
  ],
  ['fewer vectors than passages', (vectors: Float32Array[]) => vectors.slice(1), 'Expected 3 vectors'],
  ['more vectors than passages', (vectors: Float32Array[]) => [...vectors, ...vectors], 'Expected 3 vectors'],
])('%s are refused, and the old passages stay', async (_what, change, message) => {
  const { id } = await save(`${long} ${message} ${change.toString()}`)
  await embedArticle(open(), id)
  const before = await passagesOf(id)
  await expect(embedArticle({ ...open(), llm: changed(change) }, id)).rejects.toThrow(message)
  expect(await passagesOf(id)).toEqual(before)
})

test('an article that changes while the model thinks is left to the step for its new state', async () => {
  const { id } = await save(`${long} First state.`)
  await embedArticle(open(), id)
  const before = await passagesOf(id)
  const { db, log } = open()
  const llm = createScriptedLlm()
  const slow: Llm = {
    ...llm,
    async embed(request) {
      await db.updateTable('article').set({ revision: 2, text: 'Second state.' }).where('id', '=', id).execute()
      return llm.embed(request)
    },
  }
  await embedArticle({ db, log, llm: slow }, id)
  expect(await passagesOf(id)).toEqual(before)
  expect((await getArticleText(db, id)).revision).toBe(2)
})

test('two runs at once leave one set of passages', async () => {
  const { id } = await save(`${long} Twice.`)
  await Promise.all(Array.from({ length: 5 }, () => embedArticle(open(), id)))
  expect((await passagesOf(id)).map(({ position }) => position)).toEqual([0, 1, 2])
})

test('while no model answers an article is found by its words, and the job asks again later', async () => {
  const { id } = await save(`${long} Without a model.`)
  const error = new LlmUnavailable('away', { retryAfterMs: 7_000 })
  const llm: Llm = { ...createLocalLlm(), embed: () => Promise.reject(error) }
  await expect(embed.run({ ...open(), llm }, { articleId: id }, jobTools)).rejects.toMatchObject({
    name: 'RetryLater',
    delayMs: 7_000,
  })
  expect(await passagesOf(id)).toEqual([])
  expect((await search({ ...open(), llm }, { q: 'Without a model', limit: 3 }))[0]?.article.id).toBe(id)
  await embed.run(open(), { articleId: id }, jobTools)
  expect(await passagesOf(id)).toHaveLength(3)
})
