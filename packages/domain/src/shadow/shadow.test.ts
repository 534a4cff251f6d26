import type { ShadowPair, ShadowSide } from '@dayshift/llm'
import { useTestDatabase } from '@dayshift/storage/testing'
import { beforeEach, expect, test } from 'vitest'
import { shadowReport } from './report.ts'
import { createShadowStore } from './store.ts'

const database = useTestDatabase()
const since = new Date('2026-11-20T00:00:00Z')
let made = 0

function pair(first: Partial<ShadowSide>, second: Partial<ShadowSide>, given: Partial<ShadowPair> = {}): ShadowPair {
  const side = (provider: string, given: Partial<ShadowSide>): ShadowSide => ({
    provider,
    model: 'm',
    text: 'an answer',
    error: null,
    validJson: null,
    tookMs: 100,
    firstPieceMs: null,
    usage: null,
    costUsd: null,
    ...given,
  })
  made += 1
  return {
    id: `pair-${made}`,
    feature: 'article.summary',
    promptVersion: null,
    requestHash: 'f'.repeat(64),
    askedAt: new Date(since.getTime() + made * 1000),
    first: side('ollama', first),
    second: side('bedrock', second),
    ...given,
  }
}

const keep = async (...pairs: ShadowPair[]) => {
  for (const pair of pairs) await createShadowStore(database().db).keep(pair)
}

beforeEach(async () => {
  await database().db.deleteFrom('shadow_pair').execute()
})

test('nothing asked is an empty comparison', async () => {
  expect(await shadowReport(database().db, { since, examples: 3 })).toEqual({ rows: [], examples: [] })
})

test('two models are compared by failures, time, cost, length, valid JSON and equal answers', async () => {
  const usage = { inputTokens: 10, outputTokens: 4, cacheReadTokens: 20, cacheWriteTokens: 30 }
  await keep(
    pair(
      { text: 'same', tookMs: 100, firstPieceMs: 10, validJson: true },
      { text: 'same', tookMs: 10, usage, costUsd: 0.001, validJson: true },
    ),
    pair(
      { text: 'four', tookMs: 300, firstPieceMs: 30, validJson: false },
      { text: 'eight ch', tookMs: 20, costUsd: 0.003 },
    ),
    pair(
      { text: 'café \u{1f600}', tookMs: 200, firstPieceMs: 20, validJson: true },
      { text: null, error: 'LlmTimeout: no', tookMs: 60_000 },
    ),
  )
  const { rows } = await shadowReport(database().db, { since })
  expect(rows).toEqual([
    {
      feature: 'article.summary',
      pairs: 3,
      first: {
        model: 'ollama/m',
        failed: 0,
        tookP50Ms: 200,
        // 95 % of the way from the first to the third: 200 + 0.9 * 100
        tookP95Ms: 290,
        firstPieceP50Ms: 20,
        firstPieceP95Ms: 29,
        meanCostUsd: null,
        // (4 + 4 + 6) / 3
        meanCharacters: expect.closeTo(14 / 3, 10),
        meanInputTokens: null,
        meanOutputTokens: null,
        validJsonShare: expect.closeTo(2 / 3, 10),
      },
      second: {
        model: 'bedrock/m',
        failed: 1,
        tookP50Ms: 15,
        tookP95Ms: 19.5,
        firstPieceP50Ms: null,
        firstPieceP95Ms: null,
        meanCostUsd: 0.002,
        meanCharacters: 6,
        meanInputTokens: 60,
        meanOutputTokens: 4,
        validJsonShare: 1,
      },
      identicalShare: 0.5,
    },
  ])
})

test('features and pairs of models stand apart; older ones and other features are left out', async () => {
  await keep(
    pair({}, {}, { askedAt: new Date('2026-11-19T23:59:59Z') }),
    pair({}, {}),
    pair({}, { model: 'n' }),
    pair({}, {}, { feature: 'chat' }),
  )
  const { rows } = await shadowReport(database().db, { since })
  expect(
    rows.map(({ feature, pairs, second, identicalShare }) => [feature, pairs, second.model, identicalShare]),
  ).toEqual([
    ['article.summary', 1, 'bedrock/m', 1],
    ['article.summary', 1, 'bedrock/n', 1],
    ['chat', 1, 'bedrock/m', 1],
  ])
  expect((await shadowReport(database().db, { since, feature: 'chat' })).rows).toHaveLength(1)
})

test('the latest pairs are shown side by side, also what the database cannot write', async () => {
  await keep(
    pair({ text: 'one' }, { text: 'two' }),
    pair({ text: 'nul \u0000 half \ud83d' }, { text: null, error: 'E: \u0000' }),
  )
  const { examples } = await shadowReport(database().db, { since, examples: 1 })
  expect(examples).toEqual([
    {
      feature: 'article.summary',
      askedAt: expect.any(Date),
      first: { model: 'ollama/m', text: 'nul \ufffd half \ufffd', error: null },
      second: { model: 'bedrock/m', text: null, error: 'E: \ufffd' },
    },
  ])
})
