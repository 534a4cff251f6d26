import { z } from 'zod'
import { models } from './model-variables.ts'
import { address, choice, flag, matching, openingHours, origin, origins, port, text, wholeNumber } from './forms.ts'
import { always, cli, compose, migrate, noVariables, variable, web, worker } from './variable.ts'

const processes = {
  subject: 'Process',
  secrets: noVariables,
  settings: {
    NODE_ENV: variable(choice(['development', 'production', 'test']).optional(), {
      readBy: [web, worker],
      meaning: 'what libraries go by',
    }),
    DEPLOYMENT: variable(matching(/^[\w.-]{1,64}$/, 'a name of letters, digits, "-", "_" and "."').default('local'), {
      readBy: [web, worker],
      meaning: 'name of this environment in metrics and logs, such as `production`',
    }),
    DAYSHIFT_DATA: variable(text('the path of a folder').default('.data'), {
      readBy: [web, worker, cli],
      meaning: 'folder of the embedded parts; one process at a time',
    }),
    LOG_LEVEL: variable(choice(['debug', 'info', 'warn', 'error', 'silent']).default('info'), {
      readBy: [web, worker, cli],
      meaning: 'JSON lines on standard error, from this level on',
    }),
    METRICS_PORT: variable(port.optional(), {
      readBy: [web, worker],
      meaning: 'serves `/metrics` for Prometheus at this port; without it nothing is served',
    }),
    METRICS_EMF: variable(flag.default(false), {
      readBy: [web, worker],
      meaning: 'writes metrics to standard output as lines of CloudWatch’s embedded metric format',
    }),
    STOP_WITHIN_S: variable(wholeNumber(1, 115).default(20), {
      readBy: [web, worker, cli],
      meaning: 'how many seconds a stop may take; containers set `110`',
    }),
  },
}

const webServer = {
  subject: 'Web',
  settings: {
    HOST: variable(text('a host name or an IP address').default('127.0.0.1'), {
      readBy: [web, worker, cli],
      meaning: 'where the web, and `/live` and `/ready` of the worker, listen',
    }),
    PORT: variable(port.default(8765), { readBy: [web, cli], meaning: 'where the web listens' }),
    PUBLIC_URL: variable(origin.optional(), {
      readBy: [web, worker, cli],
      meaning: 'address that browsers use; with `https:` cookies are `__Host-` and HSTS is on',
    }),
    TRUST_PROXY_HOPS: variable(wholeNumber(0, 5).default(0), {
      readBy: [web, cli],
      meaning: 'proxies in front whose `X-Forwarded-For` is believed',
    }),
    OLLAMA_API_PORT: variable(port.optional(), {
      readBy: [web, cli],
      meaning: 'serves the Ollama-compatible API at the root of this port, too',
    }),
  },
  secrets: {
    SIGNING_SECRET: variable(text('32 characters or more', 32).optional(), {
      readBy: [web, worker, cli],
      meaning:
        'signs links to objects in the folder; the same for all web processes; without it a random one is kept in the data folder',
    }),
  },
}

const work = {
  subject: 'Work',
  secrets: noVariables,
  settings: {
    WORKER_HEALTH_PORT: variable(port.default(8766), {
      readBy: [worker],
      meaning: '`/live` and `/ready` of the worker process',
    }),
    ALLOW_ORIGINS: variable(origins.default([]), {
      readBy: [web, worker, cli],
      meaning: 'may be fetched from although they are private',
    }),
    DEFAULT_SOURCES: variable(flag.default(true), {
      readBy: [cli],
      meaning: 'whether a fresh database opens with public sources',
    }),
    SAMPLE_CONTENT: variable(flag.default(true), {
      readBy: [cli],
      meaning: 'whether a fresh database opens with sample reports',
    }),
    OPENING_HOURS: variable(openingHours.optional(), {
      readBy: [worker, cli],
      meaning: 'sources are checked within these hours only',
    }),
    FETCH_CONCURRENCY: variable(wholeNumber(1, 64).default(8), {
      readBy: [worker, cli],
      meaning: 'fetching jobs at once',
    }),
    READ_CONCURRENCY: variable(wholeNumber(1, 64).default(4), {
      readBy: [worker, cli],
      meaning: 'reading jobs at once',
    }),
  },
}

const postgresUrl = address('postgres', 'postgresql').optional()

const database = {
  subject: 'Database',
  settings: {
    DATABASE_CA_FILE: variable(text('the path of a PEM file').optional(), {
      readBy: always,
      meaning: 'certificates of a private authority that the database server’s is checked against; Amazon’s are known',
    }),
    DATABASE_WAIT_S: variable(wholeNumber(0, 600).default(0), {
      readBy: always,
      meaning: 'how many seconds a start waits for a database that is not up yet; containers set `60`',
    }),
    MIGRATE_ON_START: variable(flag.default(true), {
      readBy: [web, worker, cli],
      meaning: 'whether a start brings the database up to date; if not, it only checks that `npm run migrate` did',
    }),
  },
  secrets: {
    DATABASE_URL: variable(postgresUrl, {
      readBy: always,
      meaning: 'PostgreSQL with pgvector; without it the embedded one. `sslmode=verify-full` checks its certificate',
    }),
    DATABASE_PASSWORD: variable(text().optional(), {
      readBy: always,
      meaning: 'in place of one in `DATABASE_URL`',
    }),
    DATABASE_ADMIN_URL: variable(postgresUrl.unwrap().optional(), {
      readBy: [migrate],
      meaning: 'a role that may make roles and databases: makes those of `DATABASE_URL` and the extension `vector`',
    }),
    DATABASE_ADMIN_PASSWORD: variable(text().optional(), {
      readBy: [migrate],
      meaning: 'in place of one in `DATABASE_ADMIN_URL`',
    }),
  },
}

const redis = {
  subject: 'Redis',
  settings: {
    REDIS_KEY_PREFIX: variable(matching(/^[\w.-]{1,64}$/, 'letters, digits, "-", "_" and "."').default('dayshift'), {
      readBy: [web, worker, cli],
      meaning: 'before every key, so that two deployments may share a server',
    }),
    REDIS_IAM_CACHE: variable(text('the id of a replication group').optional(), {
      readBy: [web, worker, cli],
      meaning: 'of ElastiCache: the user of `REDIS_URL` logs in with the AWS role of the process, without a password',
    }),
  },
  secrets: {
    REDIS_URL: variable(address('redis', 'rediss').optional(), {
      readBy: [web, worker, cli],
      meaning: 'Redis or Valkey: queues, sessions, limits; without it they are in the database and in the process',
    }),
    REDIS_PASSWORD: variable(text().optional(), {
      readBy: [web, worker, cli],
      meaning: 'in place of one in `REDIS_URL`',
    }),
  },
}

const bucket = text('the name of a bucket', 3).optional()

const objects = {
  subject: 'Objects and AWS',
  settings: {
    AWS_REGION: variable(text('the name of an AWS region').optional(), {
      readBy: [web, worker, cli],
      meaning: 'region of S3; `us-east-1` without it',
    }),
    S3_BUCKET: variable(bucket, {
      readBy: [web, worker, cli],
      meaning: 'object store; without it a folder. With `S3_ENDPOINT` another than AWS',
    }),
    S3_ENDPOINT: variable(address('http', 'https').optional(), {
      readBy: [web, worker, cli],
      meaning: 'address of an S3-compatible store',
    }),
    S3_BACKUP_BUCKET: variable(bucket.unwrap().optional(), { readBy: [compose], meaning: 'bucket for backups' }),
    S3_LOGS_BUCKET: variable(bucket.unwrap().optional(), { readBy: [compose], meaning: 'bucket for logs' }),
    S3_MODELS_BUCKET: variable(bucket.unwrap().optional(), { readBy: [compose], meaning: 'bucket for models' }),
  },
  secrets: {
    S3_ACCESS_KEY_ID: variable(text().optional(), {
      readBy: [web, worker, cli],
      meaning:
        'for `S3_ENDPOINT` only; without it, and on AWS, the AWS SDK finds its own, such as the role of the task',
    }),
    S3_SECRET_ACCESS_KEY: variable(text().optional(), {
      readBy: [web, worker, cli],
      meaning: 'goes with `S3_ACCESS_KEY_ID`',
    }),
  },
}

interface Subject {
  subject: string
  settings: Record<string, z.ZodType>
  secrets: Record<string, z.ZodType>
}

/** Read by the compose file, not by us. */
const containers = {
  subject: 'Only in docker-compose.yml',
  settings: {
    WEB_PORT: variable(port.default(8765), { readBy: [compose], meaning: 'of the web on 127.0.0.1' }),
    PROXY_PORT: variable(port.default(8764), { readBy: [compose], meaning: 'of the proxy of the profile `two-web`' }),
    PROMETHEUS_PORT: variable(port.default(9090), { readBy: [compose], meaning: 'of Prometheus' }),
    GRAFANA_PORT: variable(port.default(3000), { readBy: [compose], meaning: 'of Grafana' }),
    OLLAMA_MEMORY: variable(matching(/^\d+[kmg]$/, 'a size such as 8g').default('8g'), {
      readBy: [compose],
      meaning: 'what the container of Ollama may use',
    }),
  },
  secrets: {
    POSTGRES_PASSWORD: variable(text().optional(), {
      readBy: [compose],
      meaning: 'of the superuser of the PostgreSQL container',
    }),
    GRAFANA_PASSWORD: variable(text().optional(), { readBy: [compose], meaning: 'of Grafana’s administrator' }),
  },
}

export const subjects: Subject[] = [processes, webServer, work, database, redis, objects, models, containers]

/** Every environment variable that a process of Dayshift reads and that is no secret. */
export const Environment = z.object({
  ...processes.settings,
  ...webServer.settings,
  ...work.settings,
  ...database.settings,
  ...redis.settings,
  ...objects.settings,
  ...models.settings,
})

/** Every secret that a process of Dayshift reads. */
export const Secrets = z.object({ ...webServer.secrets, ...database.secrets, ...redis.secrets, ...objects.secrets })

export type Config = z.output<typeof Environment>
export type Secrets = z.output<typeof Secrets>
export type SecretName = keyof Secrets
export const secretNames = Object.keys(Secrets.shape) as SecretName[]
