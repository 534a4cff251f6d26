import type { z } from 'zod'
import { suggestions } from './suggestions.ts'
import { type Config, Environment, type SecretName, Secrets } from './variables.ts'
import { formOf } from './variable.ts'

/** The environment cannot be used; the message has one line for each variable that is wrong. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

export interface ReadConfig {
  config: Config
  secrets: Secrets
  /** One line for each variable that is not known but looks like one that is. */
  hints: string[]
}

/** Environment variables by name, as in `process.env`. */
export type EnvironmentVariables = Record<string, string | undefined>

/**
 * Reads the configuration from an environment, and from `places` those secrets that stand elsewhere. An empty variable
 * counts as absent. Throws ConfigError with what came, what was expected and where it is set; the value of a secret is
 * never repeated.
 */
export function readConfig(
  environment: EnvironmentVariables,
  places: Partial<Record<SecretName, { value: string; place: string }>> = {},
): ReadConfig {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value))
  for (const [name, { value }] of Object.entries(places)) given[name] = value
  const config = Environment.safeParse(given)
  const secrets = Secrets.safeParse(given)
  const hints = suggestions(Object.keys(given))
  const lines = [
    ...wrongNames(config).map(
      (name) =>
        `${name}=${onOneLine(given[name] ?? '')}: expected ${expected(name)}. Set it in the environment or in .env.`,
    ),
    ...wrongNames(secrets).map((name) => {
      const place = places[name as SecretName]?.place
      return `${name} (value not shown${place === undefined ? '' : `, from ${place}`}): expected ${expected(name)}. ${whereToSet(name)}`
    }),
    ...(config.success && secrets.success ? contradictions(config.data, secrets.data) : []),
  ]
  if (lines.length > 0) throw new ConfigError([...lines, ...hints].join('\n'))
  return { config: config.data!, secrets: secrets.data!, hints }
}

/** Where a secret may stand, for those who have to set it. */
export const whereToSet = (name: string): string =>
  `Set ${name} in the environment or in .env, ${name}_FILE to the path of a file that holds it, or ${name}_ARN to its ARN in AWS Secrets Manager.`

const wrongNames = (result: z.ZodSafeParseResult<unknown>): string[] => [
  ...new Set(result.error?.issues.map(({ path }) => String(path[0]))),
]

function expected(name: string): string {
  const schemas: Record<string, z.ZodType> = { ...Environment.shape, ...Secrets.shape }
  return formOf(schemas[name]!).type
}

function contradictions(config: Config, secrets: Secrets): string[] {
  const lines: string[] = []
  for (const [url, password] of [
    ['DATABASE_URL', 'DATABASE_PASSWORD'],
    ['DATABASE_ADMIN_URL', 'DATABASE_ADMIN_PASSWORD'],
    ['REDIS_URL', 'REDIS_PASSWORD'],
  ] as const) {
    const address = secrets[url]
    if (address !== undefined && secrets[password] !== undefined && new URL(address).password !== '') {
      lines.push(`${url} holds a password, and ${password} is set: expected one of the two. Take one away.`)
    }
  }
  const redis = secrets.REDIS_URL === undefined ? undefined : new URL(secrets.REDIS_URL)
  if (config.REDIS_IAM_CACHE !== undefined && redis) {
    if (redis.protocol !== 'rediss:' || redis.username === '' || redis.password !== '' || secrets.REDIS_PASSWORD)
      lines.push(
        'REDIS_IAM_CACHE is set: expected REDIS_URL like rediss://user@host:6379, and no password anywhere. Mend REDIS_URL, take REDIS_PASSWORD away.',
      )
    if (config.AWS_REGION === undefined) lines.push('AWS_REGION is missing: expected the region of REDIS_IAM_CACHE.')
  }
  if ((secrets.S3_ACCESS_KEY_ID === undefined) !== (secrets.S3_SECRET_ACCESS_KEY === undefined)) {
    const [has, lacks] = secrets.S3_ACCESS_KEY_ID
      ? ['S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY']
      : ['S3_SECRET_ACCESS_KEY', 'S3_ACCESS_KEY_ID']
    lines.push(`${lacks} is missing: expected both, or neither, and ${has} is set. ${whereToSet(lacks)}`)
  }
  return lines
}

const onOneLine = (text: string): string => text.replace(/[\p{C}\s]+/gu, ' ').slice(0, 200)
