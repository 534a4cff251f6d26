import type { Config, SecretName } from '@dayshift/domain/config'
import type { Log } from '@dayshift/domain/context'
import { openServer, type PostgresServer, waitForServer } from '@dayshift/storage'
import { Redis, type RedisOptions } from 'ioredis'
import { createRotatingPassword, type RotatingPassword } from './rotating-password.ts'
import type { Settings } from './settings.ts'
import { StartError } from './run-main.ts'

interface Names {
  url: SecretName
  password: SecretName
}

const APPLICATION: Names = { url: 'DATABASE_URL', password: 'DATABASE_PASSWORD' }
/** Of the migration alone. */
export const ADMINISTRATOR: Names = { url: 'DATABASE_ADMIN_URL', password: 'DATABASE_ADMIN_PASSWORD' }

/** The PostgreSQL server of the settings, which must have its URL, with its password and authorities. Throws StartError. */
export async function openPostgres(settings: Settings, log: Log, names = APPLICATION): Promise<PostgresServer> {
  const { DATABASE_CA_FILE: caFile } = settings.config
  const url = settings.secrets[names.url] ?? ''
  try {
    return await openServer(url, { password: passwordOf(settings, names, log), caFile })
  } catch (error) {
    throw new StartError(`DATABASE_CA_FILE, or a file that ${names.url} names: ${(error as Error).message}`)
  }
}

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const ADVICE: Record<string, string> = {
  ECONNREFUSED: 'Start it',
  ENOTFOUND: 'Mend its name',
  '57P03': 'Give it more time with DATABASE_WAIT_S',
  '3D000': 'Make the database, or let npm run migrate with DATABASE_ADMIN_URL make it',
  '28P01': 'Mend the password',
}

/** Waits as long as DATABASE_WAIT_S says until the server takes a connection. Throws StartError. */
export async function awaitPostgres(server: PostgresServer, config: Config, names = APPLICATION): Promise<void> {
  try {
    await waitForServer(server, config.DATABASE_WAIT_S * 1_000)
  } catch (error) {
    const { host = 'localhost', port = 5432, user = '' } = server.options
    const [first] = error instanceof AggregateError ? (error.errors as Error[]) : [error as Error]
    const advice = ADVICE[first && 'code' in first ? String(first.code) : ''] ?? 'Look at the server'
    throw new StartError(
      `Expected that PostgreSQL at ${host}:${port} lets the role "${user}" in, but: ${first?.message ?? ''}. ${advice}, or mend ${names.url} or ${names.password}.`,
    )
  }
}

/** Redis as the settings say, where they name one. It is not connected: its users open their own by `duplicate`. */
export async function openRedis(settings: Settings, log: Log): Promise<Redis | undefined> {
  const { REDIS_URL: url } = settings.secrets
  if (url === undefined) return undefined
  const password =
    (await iamToken(settings, url, log)) ?? passwordOf(settings, { url: 'REDIS_URL', password: 'REDIS_PASSWORD' }, log)
  const { options } = new Redis(url, { lazyConnect: true })
  return createRedis(options, password)
}

function createRedis(options: RedisOptions, password: string | RotatingPassword | undefined): Redis {
  const current = typeof password === 'object' ? password.current() : password
  const redis = new Redis({ ...options, ...(current !== undefined && { password: current }), replyMapping: 'legacy' })
  // BullMQ opens the connections on which its workers wait so.
  redis.duplicate = (override?: RedisOptions) => createRedis({ ...redis.options, ...override }, password)
  if (typeof password !== 'object') return redis
  // ioredis looks at its options again before the next attempt.
  const takeCurrent = (): void => {
    redis.options.password = password.current()
  }
  redis.on('close', takeCurrent)
  const renew = async (): Promise<void> => {
    await password.renew(redis.options.password ?? '')
    takeCurrent()
  }
  redis.on('error', ({ message }: Error) => {
    if (/^(WRONGPASS|NOAUTH)\b/.test(message)) void renew()
  })
  return redis
}

// It lets in for 15 minutes.
const NEXT_TOKEN_MS = 10 * 60_000

/** The token of ElastiCache that stands for a password where REDIS_IAM_CACHE is set; always a fresh one. Throws StartError. */
async function iamToken({ config }: Settings, url: string, log: Log): Promise<RotatingPassword | undefined> {
  const { REDIS_IAM_CACHE: cache, AWS_REGION: region = '' } = config
  if (cache === undefined) return undefined
  const { createElastiCacheTokens } = await import('@dayshift/secrets')
  const make = createElastiCacheTokens({ region, cache, user: decodeURIComponent(new URL(url).username) })
  let token = await make().catch((error: Error) => {
    throw new StartError(`REDIS_IAM_CACHE=${cache}: expected that this process has an AWS role, but: ${error.message}`)
  })
  const renew = async (): Promise<void> => {
    try {
      token = await make()
    } catch (error) {
      log.warn({ err: error }, 'the token of REDIS_IAM_CACHE cannot be made anew')
    }
  }
  setInterval(() => void renew(), NEXT_TOKEN_MS).unref()
  return { current: () => token, renew }
}

/** The password that stands beside or in a URL; one that cannot be read anew and stands in the URL is left there. */
function passwordOf({ secrets, readAgain }: Settings, names: Names, log: Log): string | RotatingPassword | undefined {
  const beside = secrets[names.password]
  const readBeside = readAgain[names.password]
  if (beside !== undefined) {
    return readBeside ? createRotatingPassword({ name: names.password, first: beside, read: readBeside, log }) : beside
  }
  const readUrl = readAgain[names.url]
  const within = passwordIn(secrets[names.url] ?? '')
  if (!readUrl || within === '') return undefined
  return createRotatingPassword({ name: names.url, first: within, read: async () => passwordIn(await readUrl()), log })
}

const passwordIn = (url: string): string => decodeURIComponent(new URL(url).password)
