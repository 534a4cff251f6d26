import type { Plan } from '../environment.ts'
import type { Data } from '../parts.ts'
import { openingHoursText } from '../schedule.ts'

/** What the processes are told; docs/configuration.md has the meanings. Secrets go by ARN: rotated ones are read anew. */
export type Variables = Record<string, string>

interface Around {
  data: Data
  /** Host name that browsers use. */
  address: string
}

export const webVariables = (plan: Plan, around: Around): Variables => ({
  ...sharedVariables(plan, around),
  PORT: '8765',
  // The load balancer, and CloudFront before it.
  TRUST_PROXY_HOPS: '2',
})

export const workerVariables = (plan: Plan, around: Around): Variables => ({
  ...sharedVariables(plan, around),
  WORKER_HEALTH_PORT: '8766',
  OPENING_HOURS: openingHoursText(plan.hours),
  ...(around.data.invocationLogsBucket !== undefined && { BEDROCK_LOGS_BUCKET: around.data.invocationLogsBucket }),
})

export const migrationVariables = (plan: Plan, { data: { database } }: Around): Variables => ({
  ...baseVariables(plan),
  ...databaseVariables(database),
  DATABASE_ADMIN_URL: `postgres://${database.adminUser}@${database.host}:${database.port}/postgres?sslmode=verify-full`,
  // The part of the secret that RDS writes under this name.
  DATABASE_ADMIN_PASSWORD_ARN: `${database.adminSecretArn}:password::`,
})

const sharedVariables = (plan: Plan, { data, address }: Around): Variables => ({
  ...baseVariables(plan),
  ...databaseVariables(data.database),
  HOST: '0.0.0.0',
  PUBLIC_URL: `https://${address}`,
  STOP_WITHIN_S: '110',
  METRICS_EMF: 'true',
  MIGRATE_ON_START: 'false',
  REDIS_URL: `rediss://${data.cache.user}@${data.cache.host}:${data.cache.port}`,
  REDIS_IAM_CACHE: data.cache.groupId,
  REDIS_KEY_PREFIX: data.cache.keyPrefix,
  S3_BUCKET: data.buckets.objects.name,
  S3_BACKUP_BUCKET: data.buckets.backups.name,
  S3_LOGS_BUCKET: data.buckets.logs.name,
  S3_MODELS_BUCKET: data.buckets.models.name,
  LLM_PROVIDER: 'bedrock',
  AWS_BEDROCK_MODEL_ID: plan.models.textModelId,
  AWS_BEDROCK_EMBEDDING_MODEL_ID: plan.models.embeddingModelId,
  LLM_DAILY_BUDGET_USD: String(plan.models.dailyBudgetUsd),
  LLM_STRICT_PRICES: 'true',
})

const baseVariables = (plan: Plan): Variables => ({
  NODE_ENV: 'production',
  LOG_LEVEL: 'info',
  DEPLOYMENT: plan.name,
  AWS_REGION: plan.region,
})

const databaseVariables = ({ user, host, port, name, passwordSecretArn }: Data['database']): Variables => ({
  DATABASE_URL: `postgres://${user}@${host}:${port}/${name}?sslmode=verify-full`,
  DATABASE_PASSWORD_ARN: passwordSecretArn,
  DATABASE_WAIT_S: '60',
})
