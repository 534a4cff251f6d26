import { embedArticle, rebuild } from '@dayshift/domain/embeddings'
import { createTestModels, jobTools } from '@dayshift/domain/testing'
import { expect, test } from 'vitest'
import { insertArticle, insertSource } from '../testing/content.ts'
import { useTestWeb } from '../testing/web.ts'

const web = useTestWeb()
const models = createTestModels('first')
const context = () => ({ ...web().context, llm: models })
const status = async () => (await web().reader('GET', '/api/v1/embeddings')).json()
const force = () => web().person('POST', '/api/v1/embeddings/rebuild')

test('before anything is embedded there is no space, and none to complete', async () => {
  expect(await status()).toEqual({ passages: 0, active: null, filling: null, old: [], rebuild: null })
  const answer = await force()
  expect([answer.statusCode, answer.json().code]).toEqual([409, 'conflict'])
})

test('a change of the model is seen with its progress', async () => {
  const { db } = web().context
  const sourceId = await insertSource(db)
  for (const text of ['One text.', 'Another text.'])
    await embedArticle(context(), await insertArticle(db, { sourceId, text }))
  const active = { id: 'test:first:768:v1', provider: 'test', model: 'first', dimensions: 768, sourceDimensions: 768 }
  expect(await status()).toMatchObject({ passages: 2, active: { ...active, vectors: 2 }, filling: null, rebuild: null })

  models.configured = 'second'
  await embedArticle(context(), await insertArticle(db, { sourceId, text: 'A third.' }))
  const during = await status()
  expect(during).toMatchObject({
    passages: 3,
    active: { model: 'first', state: 'active', vectors: 3 },
    filling: { model: 'second', state: 'filling', vectors: 1 },
    rebuild: { state: 'waiting', error: null },
  })
  // The change has asked for it already.
  expect((await force()).json()).toEqual({ spaceId: 'test:second:768:v1', queued: false })

  await rebuild.run(context(), { spaceId: 'test:second:768:v1' }, jobTools)
  expect(await status()).toMatchObject({
    active: { model: 'second', vectors: 3 },
    filling: null,
    old: [{ model: 'first', vectors: 3 }],
  })
})

test('work that was given up can be asked for again, and says why it was', async () => {
  const { db } = web().context
  await db.updateTable('outbox').set({ state: 'dead', error: 'the model is away' }).execute()
  expect((await status()).rebuild).toMatchObject({ state: 'dead', error: 'the model is away' })
  const answer = await force()
  expect([answer.statusCode, answer.json()]).toEqual([202, { spaceId: 'test:second:768:v1', queued: true }])
  expect((await status()).rebuild.state).toBe('waiting')
})

test('a token that may only read asks for nothing', async () => {
  expect((await web().reader('POST', '/api/v1/embeddings/rebuild')).statusCode).toBe(403)
  expect((await web().nobody('GET', '/api/v1/embeddings')).statusCode).toBe(401)
})
