import { z } from 'zod'

const flag = z
  .enum(['true', 'false', '1', '0', 'yes', 'no'])
  .transform((word) => word === 'true' || word === '1' || word === 'yes')

const origins = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean),
  )
  .pipe(
    z.array(
      z.string().refine((text) => URL.canParse(text) && new URL(text).origin === text, {
        message: 'expected origins such as https://feeds.example.org, separated by commas',
      }),
    ),
  )

const names = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean),
)

const usd = z.coerce.number('expected an amount of dollars, such as 1.50').positive('expected more than 0 dollars')

const address = (...schemes: string[]) =>
  z.string().refine((text) => URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1)), {
    message: `expected an address that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
  })

/** Every environment variable that Dayshift reads: its form and its default. Secrets are in `Secrets`. */
const Environment = z.object({
  NODE_ENV: z.enum(['development', 'production', 'test']).optional(),
  DAYSHIFT_DATA: z.string().min(1).default('.data'),
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(8765),
  PUBLIC_URL: address('http', 'https')
    .refine((text) => new URL(text).origin === text, {
      message: 'expected an address without a path or a slash at its end',
    })
    .optional(),
  TRUST_PROXY_HOPS: z.coerce.number().int().min(0).max(5).default(0),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  ALLOW_ORIGINS: origins.default([]),
  DEFAULT_SOURCES: flag.default(true),
  SAMPLE_CONTENT: flag.default(true),
  AWS_REGION: z.string().min(1).optional(),
  AWS_BEDROCK_REGION: z.string().min(1).optional(),
  AWS_BEDROCK_MODEL_ID: z.string().min(1).optional(),
  AWS_BEDROCK_EMBEDDING_MODEL_ID: z.string().min(1).default('amazon.titan-embed-text-v2:0'),
  BEDROCK_ENDPOINT: address('http', 'https').optional(),
  BEDROCK_GUARDRAIL: z
    .string()
    .regex(/^[^:\s]+:(DRAFT|\d+)$/, 'expected id:version, such as gr1234567890:1')
    .optional(),
  BEDROCK_LOGS_BUCKET: z.string().min(3).optional(),
  BEDROCK_BATCH_ROLE_ARN: z.string().startsWith('arn:', 'expected the ARN of a role').optional(),
  OLLAMA_URL: address('http', 'https').default('http://127.0.0.1:11434'),
  OLLAMA_MODEL: z.string().min(1).default('llama3.2'),
  OLLAMA_EMBEDDING_MODEL: z.string().min(1).default('nomic-embed-text'),
  OLLAMA_API_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  LLM_PROVIDER: z.enum(['local', 'bedrock', 'ollama']).optional(),
  LLM_FALLBACKS: names.default([]),
  LLM_OVER_BUDGET: names.default([]),
  LLM_DAILY_BUDGET_USD: usd.optional(),
  LLM_MONTHLY_BUDGET_USD: usd.optional(),
  LLM_STRICT_PRICES: flag.default(false),
  LLM_CATALOGUE: z.string().min(1).optional(),
  LLM_CACHE_HOURS: z.coerce.number().min(0).max(8760).default(24),
  LLM_CONCURRENCY: z.coerce.number().int().min(1).max(10_000).default(32),
  LLM_REQUESTS_PER_MINUTE: z.coerce.number().int().min(1).optional(),
  LLM_TOKENS_PER_MINUTE: z.coerce.number().int().min(1).optional(),
  LLM_SERVICE_TIER: z.enum(['standard', 'flex', 'priority']).default('standard'),
  LLM_IDLE_TIMEOUT_S: z.coerce.number().positive().default(120),
  LLM_SHADOW: z.string().min(1).optional(),
  LLM_SHADOW_SHARE: z.coerce.number().min(0).max(1).default(1),
  S3_BUCKET: z.string().min(3).optional(),
  S3_BACKUP_BUCKET: z.string().min(3).optional(),
  S3_LOGS_BUCKET: z.string().min(3).optional(),
  S3_MODELS_BUCKET: z.string().min(3).optional(),
  S3_ENDPOINT: address('http', 'https').optional(),
  FETCH_CONCURRENCY: z.coerce.number().int().min(1).max(64).default(8),
  READ_CONCURRENCY: z.coerce.number().int().min(1).max(64).default(4),
  WORKER_HEALTH_PORT: z.coerce.number().int().min(0).max(65_535).default(8766),
})

const Secrets = z.object({
  DATABASE_URL: address('postgres', 'postgresql').optional(),
  REDIS_URL: address('redis', 'rediss').optional(),
  SIGNING_SECRET: z.string().min(32).optional(),
})

export type Config = z.output<typeof Environment>
export type Secrets = z.output<typeof Secrets>

/** The environment cannot be used; the message has one line for each variable that is wrong. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

/**
 * Reads the configuration from an environment. An empty variable counts as absent.
 * Throws ConfigError with what came and what was expected; the value of a secret is never repeated.
 */
export function readConfig(environment: Record<string, string | undefined>): { config: Config; secrets: Secrets } {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  )
  const config = Environment.safeParse(given)
  const secrets = Secrets.safeParse(given)
  if (config.success && secrets.success) return { config: config.data, secrets: secrets.data }
  const wrong = [
    ...(config.error?.issues ?? []).map(
      ({ path, message }) => `${path[0]?.toString()}=${given[String(path[0])]}: ${message}`,
    ),
    ...(secrets.error?.issues ?? []).map(({ path, message }) => `${path[0]?.toString()} (value not shown): ${message}`),
  ]
  throw new ConfigError(wrong.join('\n'))
}

/** The names of all variables, for the documentation and its test. */
export const variableNames: string[] = [...Object.keys(Environment.shape), ...Object.keys(Secrets.shape)]
