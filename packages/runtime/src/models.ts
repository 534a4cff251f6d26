import { readFile } from 'node:fs/promises'
import type { Config } from '@dayshift/domain/config'
import type { Context } from '@dayshift/domain/context'
import { findSpace } from '@dayshift/domain/embeddings'
import { createAnswerCache } from '@dayshift/domain/model-answers'
import { createShadowStore } from '@dayshift/domain/shadow'
import { createLedger, ensureBudgets } from '@dayshift/domain/spending'
import {
  type Catalogue,
  createBreakers,
  createLlm,
  createLocalProvider,
  createMemoryAdmission,
  createModelListing,
  defaultCatalogue,
  type GatedLlm,
  type LlmOptions,
  type ModelListing,
  parseCatalogue,
  type Provider,
} from '@dayshift/llm'
import type { ObjectStore } from '@dayshift/storage/objects'
import { batchObjects } from './batch-objects.ts'
import type { OpenContext } from './context.ts'
import { StartError } from './run-main.ts'
import type { Settings } from './settings.ts'

export interface OpenModels {
  llm: GatedLlm
  /** What callers may name. */
  models: ModelListing
  /** For the context: what only Bedrock has. */
  parts: Pick<Context, 'invocationLogs' | 'batches'>
  close(): Promise<void>
}

type Parts = Pick<Context, 'db' | 'objects' | 'log' | 'clock'> & Pick<OpenContext, 'redis'>
type Known = 'local' | 'bedrock' | 'ollama'

const DEFAULT_BEDROCK_MODEL = 'anthropic.claude-haiku-5-5'

/** The models that the settings name, with their limits, budgets and records. Throws StartError. */
export async function openModels({ config }: Pick<Settings, 'config'>, parts: Parts): Promise<OpenModels> {
  const { db, log, clock } = parts
  const catalogue = await openCatalogue(config)
  const providers = await openProviders(config, catalogue, await findSpace(db, 'active'))

  await ensureBudgets(parts, { dailyUsd: config.LLM_DAILY_BUDGET_USD, monthlyUsd: config.LLM_MONTHLY_BUDGET_USD })
  const ledger = createLedger(db, { log })
  const options: LlmOptions = {
    providers,
    ledger,
    clock,
    fallbacks: config.LLM_FALLBACKS,
    overBudget: config.LLM_OVER_BUDGET,
    strictPrices: config.LLM_STRICT_PRICES,
    tier: config.LLM_SERVICE_TIER,
    limits: {
      concurrency: config.LLM_CONCURRENCY,
      requestsPerMinute: config.LLM_REQUESTS_PER_MINUTE,
      tokensPerMinute: config.LLM_TOKENS_PER_MINUTE,
    },
    admission: await openAdmission(config, parts),
    breakers: createBreakers({ clock }),
    onProblem: (error, what) => log.warn({ err: error }, what),
    ...(config.LLM_CACHE_HOURS > 0 && {
      cache: { answers: createAnswerCache(db), ttlMs: config.LLM_CACHE_HOURS * 3_600_000 },
    }),
    ...(config.LLM_SHADOW !== undefined && {
      shadow: { model: config.LLM_SHADOW, share: config.LLM_SHADOW_SHARE, store: createShadowStore(db) },
    }),
  }
  const llm = openLlm(options)
  const bedrock = await openBedrockParts(config, catalogue, parts.objects)
  return {
    llm,
    models: createModelListing(providers, catalogue),
    parts: bedrock,
    close: async () => {
      await llm.close()
      await ledger.close()
      bedrock.batches?.close()
    },
  }
}

function openLlm(options: LlmOptions): GatedLlm {
  try {
    return createLlm(options)
  } catch (error) {
    throw new StartError(`LLM_FALLBACKS, LLM_OVER_BUDGET or LLM_SHADOW: ${(error as Error).message}`)
  }
}

/**
 * The chosen provider first; then those that the other settings name, the one whose space search still answers from, and
 * `local`, which costs nothing.
 */
async function openProviders(
  config: Config,
  catalogue: Catalogue,
  space: { provider: string } | undefined,
): Promise<[Provider, ...Provider[]]> {
  const first = config.LLM_PROVIDER ?? (config.AWS_BEDROCK_MODEL_ID === undefined ? 'local' : 'bedrock')
  const settings = [...config.LLM_FALLBACKS, ...config.LLM_OVER_BUDGET, config.LLM_SHADOW ?? '']
  const named = new Set([...settings.map((name) => name.split('/')[0]), space?.provider, 'local'])
  const providers: [Provider, ...Provider[]] = [await openProvider(first, config, catalogue)]
  for (const name of ['bedrock', 'ollama', 'local'] as const) {
    if (name !== first && named.has(name)) providers.push(await openProvider(name, config, catalogue))
  }
  return providers
}

async function openProvider(name: Known, config: Config, catalogue: Catalogue): Promise<Provider> {
  const idleTimeoutMs = config.LLM_IDLE_TIMEOUT_S * 1_000
  if (name === 'local') return createLocalProvider()
  if (name === 'ollama') {
    const { createOllamaProvider } = await import('@dayshift/llm/ollama')
    const { OLLAMA_URL: url, OLLAMA_MODEL: model, OLLAMA_EMBEDDING_MODEL: embeddingModel } = config
    return createOllamaProvider({ url, model, embeddingModel, catalogue, idleTimeoutMs })
  }
  // Loaded when needed: the AWS SDKs cost a laptop 50 MB and a third of its start.
  const { createBedrockProvider } = await import('@dayshift/llm/bedrock')
  const [, id, version] = /^(.+):([^:]+)$/.exec(config.BEDROCK_GUARDRAIL ?? '') ?? []
  return createBedrockProvider({
    region: bedrockRegion(config),
    modelId: config.AWS_BEDROCK_MODEL_ID ?? DEFAULT_BEDROCK_MODEL,
    embeddingModelId: config.AWS_BEDROCK_EMBEDDING_MODEL_ID,
    endpoint: config.BEDROCK_ENDPOINT,
    catalogue,
    idleTimeoutMs,
    ...(id !== undefined && version !== undefined && { guardrail: { id, version } }),
  })
}

async function openBedrockParts(
  config: Config,
  catalogue: Catalogue,
  objects: ObjectStore,
): Promise<Pick<Context, 'invocationLogs' | 'batches'>> {
  const region = bedrockRegion(config)
  const { BEDROCK_LOGS_BUCKET: logs, BEDROCK_BATCH_ROLE_ARN: roleArn, S3_BUCKET: bucket } = config
  const parts: Pick<Context, 'invocationLogs' | 'batches'> = {}
  if (logs !== undefined) {
    const [{ createS3Objects }, { priceOfLogged, readInvocationLog }] = await Promise.all([
      import('@dayshift/storage/s3'),
      import('@dayshift/llm/bedrock'),
    ])
    const priceOf = priceOfLogged(catalogue)
    parts.invocationLogs = { objects: createS3Objects({ bucket: logs, region }), read: readInvocationLog, priceOf }
  }
  if (roleArn !== undefined) {
    if (bucket === undefined)
      throw new StartError('BEDROCK_BATCH_ROLE_ARN needs S3_BUCKET, where batches are exchanged.')
    const { createBedrockBatches } = await import('@dayshift/llm/bedrock')
    const modelId = config.AWS_BEDROCK_MODEL_ID ?? DEFAULT_BEDROCK_MODEL
    parts.batches = createBedrockBatches({
      region,
      modelId,
      roleArn,
      bucket,
      catalogue,
      objects: batchObjects(objects),
    })
  }
  return parts
}

const bedrockRegion = (config: Config): string => config.AWS_BEDROCK_REGION ?? config.AWS_REGION ?? 'us-east-1'

/** Limits hold for all processes together where there is Redis. */
async function openAdmission(config: Config, { redis, log }: Parts) {
  if (!redis) return createMemoryAdmission()
  const { createRedisAdmission } = await import('@dayshift/llm/redis')
  return createRedisAdmission({
    client: redis,
    keyPrefix: `${config.REDIS_KEY_PREFIX}:llm:`,
    onDegraded: (error) => log.warn({ err: error }, 'Redis is away: the limits of models count in this process alone'),
  })
}

/** The catalogue that comes along, or the operator's own. Throws StartError. */
export async function openCatalogue({ LLM_CATALOGUE: path }: Pick<Config, 'LLM_CATALOGUE'>): Promise<Catalogue> {
  if (path === undefined) return defaultCatalogue
  try {
    return parseCatalogue(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    throw new StartError(`LLM_CATALOGUE=${path}: ${(error as Error).message}`)
  }
}
