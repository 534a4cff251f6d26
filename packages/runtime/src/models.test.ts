import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listBudgets } from '@dayshift/domain/spending'
import { defaultCatalogue, LlmOverBudget, type TextRequest } from '@dayshift/llm'
import { startFakeBedrock, startFakeOllama } from '@dayshift/llm/testing'
import { createFolderObjects } from '@dayshift/storage/objects'
import { services, useTestDatabase } from '@dayshift/storage/testing'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { openRedis } from './logins.ts'
import { openModels } from './models.ts'
import { openSettings } from './settings.ts'

const database = useTestDatabase()
let folder: string
let fake: Awaited<ReturnType<typeof startFakeBedrock>>
let ollama: Awaited<ReturnType<typeof startFakeOllama>>
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dayshift-models-'))
  fake = await startFakeBedrock()
  ollama = await startFakeOllama()
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test')
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await Promise.all([fake.close(), ollama.close(), rm(folder, { recursive: true })])
})
let close: () => Promise<void> = () => Promise.resolve()
afterEach(async () => {
  await close()
  close = () => Promise.resolve()
  await database().db.deleteFrom('model_call').execute()
})

const question: TextRequest = {
  feature: 'article.summary',
  messages: [{ role: 'user', content: [{ type: 'text', text: 'A host was seen. It asked c2.example for orders.' }] }],
}

/** The models of an environment, as every process opens them. */
async function open(environment: Record<string, string>) {
  const { db } = database()
  const objects = await createFolderObjects({ folder, signingSecret: 's'.repeat(32), publicUrl: 'http://localhost' })
  const settings = await openSettings({
    BEDROCK_ENDPOINT: fake.url,
    OLLAMA_URL: ollama.url,
    ...(services.redisUrl !== undefined && { REDIS_URL: services.redisUrl }),
    ...environment,
  })
  const clock = () => new Date()
  const log = pino({ level: 'silent' })
  const opened = await openModels(settings, { db, objects, log, clock, redis: await openRedis(settings, log) })
  close = async () => {
    await opened.close()
    objects.close()
  }
  return opened
}

const calls = () =>
  database().db.selectFrom('model_call').select(['provider', 'model', 'state', 'result', 'cost_usd']).execute()

test('an empty environment gives the local provider, which is entered and costs nothing', async () => {
  const { llm, models, parts } = await open({})
  expect(await llm.complete(question)).toMatchObject({ provider: 'local', costUsd: 0 })
  expect(await calls()).toMatchObject([
    { provider: 'local', state: 'settled', result: 'ok', cost_usd: '0.000000000000' },
  ])
  expect(models.find('llama3.2')).toMatchObject({ provider: 'local' })
  expect(parts).toEqual({})
})

test('a Bedrock model answers under the budgets of the environment, is paid in the ledger, and its answer is kept', async () => {
  const { llm } = await open({ AWS_BEDROCK_MODEL_ID: 'amazon.nova-lite-v1:0', LLM_DAILY_BUDGET_USD: '1' })
  const first = await llm.complete(question)
  // 1,000 tokens in at $0.06 and 200 out at $0.24 a million.
  expect(first).toMatchObject({ provider: 'bedrock', cached: false })
  expect(first.costUsd).toBeCloseTo(0.000108, 9)
  expect(await llm.complete(question)).toMatchObject({ cached: true, costUsd: 0 })
  const [budget] = await listBudgets({ db: database().db, clock: () => new Date() })
  expect(budget).toMatchObject({ what: 'all', period: 'day', limitUsd: 1, reservedUsd: 0, fromEnvironment: true })
  expect(budget?.spentUsd).toBeCloseTo(0.000108, 9)
  const { vectors, space } = await llm.embed({ texts: ['a host'], purpose: 'document' })
  expect([vectors[0]?.length, space.provider]).toEqual([768, 'bedrock'])
  // Vectors that were made by another provider are still asked for by its name.
  expect((await llm.embed({ texts: ['a host'], purpose: 'query', model: 'local' })).space.provider).toBe('local')
})

test('the chain of fallbacks ends where the operator says, and a budget that is used up goes down the ladder', async () => {
  const bedrock = { AWS_BEDROCK_MODEL_ID: 'amazon.nova-lite-v1:0', LLM_CACHE_HOURS: '0' }
  const falling = await open({ ...bedrock, LLM_FALLBACKS: 'ollama, local' })
  fake.fail('access-denied')
  expect(await falling.llm.complete(question)).toMatchObject({ provider: 'ollama', costUsd: 0 })
  await falling.close()

  const poor = { ...bedrock, LLM_DAILY_BUDGET_USD: '0.0000001' }
  const refusing = await open(poor)
  await expect(refusing.llm.complete(question)).rejects.toThrow(LlmOverBudget)
  await refusing.close()
  const degrading = await open({ ...poor, LLM_OVER_BUDGET: 'local' })
  expect(await degrading.llm.complete(question)).toMatchObject({ provider: 'local' })
})

test('an own catalogue is read; a fault in it, and a name without a provider, stop the start with a sentence', async () => {
  const path = join(folder, 'models.json')
  const models = defaultCatalogue.models.filter(({ id }) => id === 'amazon.nova-micro-v1:0')
  await writeFile(path, JSON.stringify({ version: '2026-11-21', models, aliases: {} }))
  const { models: listing } = await open({ LLM_CATALOGUE: path, AWS_BEDROCK_MODEL_ID: 'amazon.nova-micro-v1:0' })
  expect(listing.find('amazon.nova-micro-v1:0')).toMatchObject({ provider: 'bedrock' })
  expect(listing.find('llama3.2')).toBeUndefined()
  await writeFile(
    path,
    JSON.stringify({ version: '2026-11-21', models, aliases: { a: { model: 'none', reason: '' } } }),
  )
  await expect(open({ LLM_CATALOGUE: path })).rejects.toThrow(/LLM_CATALOGUE=.*there is no model "none"/s)
  await expect(open({ LLM_CATALOGUE: join(folder, 'none.json') })).rejects.toThrow('ENOENT')
  await expect(open({ LLM_FALLBACKS: 'nova' })).rejects.toThrow(/LLM_FALLBACKS.*must begin with one of the providers/)
})

test('batches and the vendor’s log are there when their settings are', async () => {
  const bedrock = { AWS_BEDROCK_MODEL_ID: 'amazon.nova-lite-v1:0', AWS_REGION: 'us-east-1' }
  const role = { BEDROCK_BATCH_ROLE_ARN: 'arn:aws:iam::123456789012:role/batch' }
  const { parts } = await open({
    ...bedrock,
    ...role,
    S3_BUCKET: 'dayshift-objects',
    BEDROCK_LOGS_BUCKET: 'dayshift-logs',
  })
  expect(parts.batches?.resolve().id).toBe('amazon.nova-lite-v1:0')
  expect(parts.invocationLogs?.read('')).toEqual([])
  await expect(open({ ...bedrock, ...role })).rejects.toThrow('needs S3_BUCKET')
})
