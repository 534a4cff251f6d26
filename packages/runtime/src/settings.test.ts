import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ConfigError } from '@dayshift/domain/config'
import { type FakeSecretsManager, startFakeSecretsManager } from '@dayshift/secrets/testing'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openSettings } from './settings.ts'

const arn = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:dayshift/database-AbCdEf'

let folder: string
let fake: FakeSecretsManager
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dayshift-settings-'))
  fake = await startFakeSecretsManager()
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'example')
  // https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', fake.url)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  fake.close()
  await rm(folder, { recursive: true })
})

async function keep(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

async function linesOf(environment: Record<string, string>): Promise<string[]> {
  const refused = await openSettings(environment).then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(refused).toBeInstanceOf(ConfigError)
  return (refused as ConfigError).message.split('\n')
}

test('a secret comes from the environment, a file or Secrets Manager', async () => {
  fake.secrets.set(arn, { text: { AWSCURRENT: '{"password":"from AWS"}' } })
  const { config, secrets, readAgain } = await openSettings({
    PORT: '0',
    DATABASE_URL: 'postgres://app@db/x',
    DATABASE_PASSWORD_ARN: `${arn}:password::`,
    REDIS_PASSWORD_FILE: await keep('redis', ' from a file \n'),
    SIGNING_SECRET_FILE: await keep('signing', `${'s'.repeat(32)}\r\n`),
  })
  expect(config.PORT).toBe(0)
  expect(secrets).toEqual({
    DATABASE_URL: 'postgres://app@db/x',
    DATABASE_PASSWORD: 'from AWS',
    REDIS_PASSWORD: ' from a file ',
    SIGNING_SECRET: 's'.repeat(32),
  })
  // What the environment has cannot change; the others can be asked again.
  expect(Object.keys(readAgain).sort()).toEqual(['DATABASE_PASSWORD', 'REDIS_PASSWORD', 'SIGNING_SECRET'])
  await keep('redis', 'another\n')
  expect(await readAgain.REDIS_PASSWORD?.()).toBe('another')
})

test('one that stands in two places is refused with the names of both', async () => {
  expect(
    await linesOf({
      DATABASE_URL: 'postgres://hunter2@db/x',
      DATABASE_URL_FILE: '/a',
      REDIS_URL_FILE: '/b',
      REDIS_URL_ARN: arn,
    }),
  ).toEqual([
    'DATABASE_URL and DATABASE_URL_FILE are set: expected one of them. Take the others away.',
    'REDIS_URL_FILE and REDIS_URL_ARN are set: expected one of them. Take the others away.',
  ])
})

test('one that cannot be read says where it was looked for and why', async () => {
  fake.secrets.clear()
  const missing = join(folder, 'missing')
  const empty = await keep('empty', '\n')
  const lines = await linesOf({
    REDIS_URL_FILE: missing,
    REDIS_PASSWORD_FILE: empty,
    DATABASE_URL_ARN: arn,
    S3_ACCESS_KEY_ID_FILE: folder,
  })
  expect(lines.sort()).toEqual([
    expect.stringMatching(/^DATABASE_URL_ARN=arn:\S+AbCdEf: there is no such secret/),
    expect.stringMatching(/^REDIS_PASSWORD_FILE=\S+empty: the file is empty/),
    expect.stringMatching(/^REDIS_URL_FILE=\S+missing: there is no such file/),
    expect.stringMatching(/^S3_ACCESS_KEY_ID_FILE=\S+: it cannot be read \(EISDIR\)/),
  ])
})

test('one of the wrong form names its place, not its value', async () => {
  const file = await keep('wrong', 'mysql://root:hunter2@db/x')
  const [line = '', ...more] = await linesOf({ DATABASE_URL_FILE: file })
  expect(more).toEqual([])
  expect(line).toContain(`DATABASE_URL (value not shown, from DATABASE_URL_FILE=${file}): expected`)
  expect(line).not.toContain('hunter2')
})

test('a laptop without an ARN does not load the AWS SDK', () => {
  const module = fileURLToPath(new URL('./settings.ts', import.meta.url))
  const program = `
    const { openSettings } = await import(${JSON.stringify(module)})
    await openSettings({})
    const { createRequire } = await import('node:module')
    const loaded = Object.keys(createRequire(import.meta.url).cache).filter((path) => path.includes('client-secrets-manager'))
    process.stdout.write(JSON.stringify(loaded))`
  const run = execFileSync(process.execPath, ['--input-type=module', '-e', program])
  expect(run.toString()).toBe('[]')
})
