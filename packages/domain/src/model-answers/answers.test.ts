import { useTestDatabase } from '@dayshift/storage/testing'
import type { KeptAnswer } from '@dayshift/llm'
import { beforeEach, expect, test } from 'vitest'
import { createAnswerCache, pruneAnswers } from './answers.ts'

const database = useTestDatabase()
let now = new Date('2026-11-20T12:00:00Z')
const cache = () => createAnswerCache(database().db, { clock: () => now })
const key = 'a'.repeat(64)
const usage = { inputTokens: 1, outputTokens: 2, cacheReadTokens: 3, cacheWriteTokens: 4, cacheWrite1hTokens: 4 }

const saying = (text: string): KeptAnswer => ({
  reply: {
    message: { role: 'assistant', content: [{ type: 'text', text }] },
    stopReason: 'end',
    usage,
    warnings: [],
  },
  model: 'm-1',
  provider: 'bedrock',
})

beforeEach(async () => {
  await database().db.deleteFrom('model_answer').execute()
  now = new Date('2026-11-20T12:00:00Z')
})

test('an answer is found as it was kept: thoughts, encrypted ones, calls of tools, usage', async () => {
  const answer: KeptAnswer = {
    reply: {
      message: {
        role: 'assistant',
        content: [
          { type: 'thinking', text: 'So.', signature: 'c2ln' },
          { type: 'thinking', text: '', redacted: Uint8Array.from([0, 1, 127, 128, 254, 255]) },
          { type: 'text', text: 'Hello' },
          { type: 'toolUse', id: 't1', name: 'look', input: { redacted: 'AAE=', deep: [1, null, { a: '' }] } },
        ],
      },
      stopReason: 'tool-use',
      usage,
      warnings: ['One.'],
    },
    model: 'm-1',
    provider: 'bedrock',
  }
  expect(await cache().find(key)).toBeUndefined()
  await cache().keep(key, answer, 1000)
  expect(await cache().find(key)).toEqual(answer)
  expect(await cache().find('b'.repeat(64))).toBeUndefined()
})

test.each(['\u0000 null', 'half \ud83d of a pair', '\u{1f600} "quotes" \\ \u2028'])(
  'text that databases dislike is kept: %j',
  async (text) => {
    await cache().keep(key, saying(text), 1000)
    expect(await cache().find(key)).toEqual(saying(text))
  },
)

test('usage that is not known stays unknown', async () => {
  const answer = saying('x')
  answer.reply.usage = undefined
  await cache().keep(key, answer, 1000)
  expect(await cache().find(key)).toEqual(answer)
})

test('an answer ends with its time, and is then removed; a newer one takes its place', async () => {
  await cache().keep(key, saying('old'), 1000)
  await cache().keep(key, saying('new'), 2000)
  now = new Date('2026-11-20T12:00:01.999Z')
  expect(await cache().find(key)).toEqual(saying('new'))
  expect(await pruneAnswers(database().db, now)).toBe(0)
  now = new Date('2026-11-20T12:00:02Z')
  expect(await cache().find(key)).toBeUndefined()
  expect(await pruneAnswers(database().db, now)).toBe(1)
})

test('it is counted how often an answer was given again', async () => {
  await cache().keep(key, saying('x'), 1000)
  for (let times = 0; times < 3; times++) await cache().find(key)
  expect(await database().db.selectFrom('model_answer').select('hits').executeTakeFirst()).toEqual({ hits: 3 })
})

test('what this version cannot read counts as absent', async () => {
  const row = { key, reply: '{"parts":[]}', provider: 'p', model: 'm', expires_at: new Date('2027-01-01') }
  await database().db.insertInto('model_answer').values(row).execute()
  expect(await cache().find(key)).toBeUndefined()
})
