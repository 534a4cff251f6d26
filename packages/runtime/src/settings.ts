import { readFile } from 'node:fs/promises'
import {
  ConfigError,
  type EnvironmentVariables,
  type ReadConfig,
  readConfig,
  type SecretName,
  secretNames,
} from '@dayshift/domain/config'

export interface Settings extends ReadConfig {
  /** Read a secret anew; there are none for those of the environment, which cannot change. */
  readAgain: Partial<Record<SecretName, () => Promise<string>>>
}

interface Source {
  name: SecretName
  /** For people: `DATABASE_URL_FILE=/run/secrets/database`. */
  place: string
  read: () => Promise<string>
}

/**
 * Reads the configuration of a process: its environment, and the files (`NAME_FILE`) and secrets of AWS Secrets Manager
 * (`NAME_ARN`) that it names. Throws ConfigError with one line for everything that is wrong.
 */
export async function openSettings(environment: EnvironmentVariables): Promise<Settings> {
  const sources = listSources(environment)
  const readings = await Promise.allSettled(sources.map(({ read }) => read()))
  const unread = readings.flatMap((reading, index) =>
    reading.status === 'rejected' ? [`${sources[index]!.place}: ${(reading.reason as Error).message}`] : [],
  )
  if (unread.length > 0) throw new ConfigError(unread.join('\n'))
  const places = Object.fromEntries(
    readings.flatMap((reading, index) => {
      const { name, place } = sources[index]!
      return reading.status === 'fulfilled' ? [[name, { value: reading.value, place }] as const] : []
    }),
  )
  const readAgain = Object.fromEntries(sources.map(({ name, read }) => [name, read]))
  return { ...readConfig(environment, places), readAgain }
}

/** Where secrets stand that are not in the environment itself. Throws ConfigError when one stands in two places. */
function listSources(environment: EnvironmentVariables): Source[] {
  const sources: Source[] = []
  const doubled: string[] = []
  const readSecret = createSecretReader()
  for (const name of secretNames) {
    const given = [name, `${name}_FILE`, `${name}_ARN`].filter((variable) => environment[variable])
    if (given.length > 1) {
      doubled.push(`${given.join(' and ')} are set: expected one of them. Take the others away.`)
      continue
    }
    const file = environment[`${name}_FILE`]
    const arn = environment[`${name}_ARN`]
    if (file) sources.push({ name, place: `${name}_FILE=${file}`, read: () => readSecretFile(file) })
    if (arn) sources.push({ name, place: `${name}_ARN=${arn}`, read: () => readSecret(arn) })
  }
  if (doubled.length > 0) throw new ConfigError(doubled.join('\n'))
  return sources
}

async function readSecretFile(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${error.code})`
    throw new Error(`${reason}. Expected a file that this process may read and that holds nothing but the secret.`)
  })
  const secret = text.replace(/\r?\n$/, '')
  if (secret === '') throw new Error('the file is empty. Expected a file that holds the secret.')
  return secret
}

/** The AWS SDK is loaded with the first ARN: a laptop has none and need not wait for it. */
function createSecretReader(): (arn: string) => Promise<string> {
  let opening: Promise<{ get(arn: string): Promise<string> }> | undefined
  const open = async () => (await import('@dayshift/secrets')).createSecretsManager()
  return async (arn) => {
    const manager = await (opening ??= open())
    return manager.get(arn)
  }
}
