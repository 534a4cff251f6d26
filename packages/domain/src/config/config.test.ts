import { readFile } from 'node:fs/promises'
import { ConfigError, configurationMarkdown, environmentExample, readConfig, variables } from '@dayshift/domain/config'
import { describe, expect, test } from 'vitest'

function messageOf(environment: Record<string, string>, ...rest: [Parameters<typeof readConfig>[1]?]): string[] {
  try {
    readConfig(environment, ...rest)
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n')
    throw error
  }
  return []
}

describe('configuration', () => {
  test('an empty environment gives the defaults of the embedded run', () => {
    const { config, secrets, hints } = readConfig({ PORT: '', UNRELATED: 'x' })
    expect(config).toMatchObject({ PORT: 8765, HOST: '127.0.0.1', ALLOW_ORIGINS: [], DEFAULT_SOURCES: true })
    expect(config).toMatchObject({ METRICS_EMF: false, DEPLOYMENT: 'local', STOP_WITHIN_S: 20, MIGRATE_ON_START: true })
    expect(config).not.toHaveProperty('METRICS_PORT')
    expect(secrets).toEqual({})
    expect(hints).toEqual([])
  })

  test('each wrong variable gets a line with what came, what was expected and where to set it, and no secret is repeated', () => {
    const wrong = { PORT: 'eighty', ALLOW_ORIGINS: 'http://a.test/path', DATABASE_URL: 'mysql://root:hunter2@db/x' }
    const lines = messageOf(wrong)
    expect(lines).toHaveLength(3)
    expect(lines[0]).toBe('PORT=eighty: expected a whole number from 0 to 65535. Set it in the environment or in .env.')
    expect(lines[1]).toContain('expected origins')
    expect(lines[2]).toMatch(/^DATABASE_URL \(value not shown\): .*postgres:\/\/.*DATABASE_URL_FILE.*DATABASE_URL_ARN/)
    expect(lines.join()).not.toContain('hunter2')
  })

  test('a value of several lines cannot make several of the message', () => {
    expect(messageOf({ LOG_LEVEL: 'loud\ndayshift: all is well' })).toHaveLength(1)
  })

  test('a secret that stands elsewhere is checked, too, and the place is named', () => {
    const place = 'REDIS_URL_FILE=/run/secrets/redis'
    const lines = messageOf({}, { REDIS_URL: { value: 'http://hunter2@cache', place } })
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(
      /^REDIS_URL \(value not shown, from REDIS_URL_FILE=\/run\/secrets\/redis\): expected .*redis:\/\//,
    )
    expect(lines[0]).not.toContain('hunter2')
    const { secrets } = readConfig({}, { REDIS_URL: { value: 'redis://cache', place } })
    expect(secrets).toEqual({ REDIS_URL: 'redis://cache' })
  })

  test.each([
    [{ DATABASE_URL: 'postgres://a:in-url@db/x', DATABASE_PASSWORD: 'beside' }, /DATABASE_URL .*DATABASE_PASSWORD/],
    [{ S3_ACCESS_KEY_ID: 'key' }, /S3_SECRET_ACCESS_KEY is missing/],
    [{ S3_SECRET_ACCESS_KEY: 'key' }, /S3_ACCESS_KEY_ID is missing/],
    [{ REDIS_URL: 'redis://app@cache', REDIS_IAM_CACHE: 'cache', AWS_REGION: 'eu-central-1' }, /rediss:/],
    [{ REDIS_URL: 'rediss://app@cache', REDIS_IAM_CACHE: 'cache' }, /AWS_REGION is missing/],
  ])('%j contradicts itself', (environment, message) => {
    const lines = messageOf(environment)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(message)
    expect(lines[0]).not.toMatch(/in-url|beside/)
  })
})

describe('a name that is likely to be a slip', () => {
  test.each([
    ['DATABSE_URL', 'DATABASE_URL'],
    ['DATABASE_ULR', 'DATABASE_URL'],
    ['DATABASE_URL_FIEL', 'DATABASE_URL_FILE'],
    ['LLM_PROVIDERS', 'LLM_PROVIDER'],
    ['AWS_BEDROCK_MODELID', 'AWS_BEDROCK_MODEL_ID'],
    ['S3_ENDPIONT', 'S3_ENDPOINT'],
    ['OLLAMA_URI', 'OLLAMA_URL'],
  ])('%s gets a hint to %s', (name, meant) => {
    const { hints } = readConfig({ [name]: 'x' })
    expect(hints).toHaveLength(1)
    expect(hints[0]).toMatch(new RegExp(`^${name} is not a setting of Dayshift. Is ${meant} meant\\?`))
  })

  // Of Ollama's envconfig, the AWS SDK, libpq, Node, npm, a shell and GitHub Actions.
  test.each([
    'OLLAMA_HOST OLLAMA_MODELS OLLAMA_ORIGINS OLLAMA_KEEP_ALIVE OLLAMA_DEBUG OLLAMA_NUM_PARALLEL OLLAMA_NOPRUNE',
    'AWS_ACCESS_KEY_ID AWS_PROFILE AWS_DEFAULT_REGION AWS_ROLE_ARN AWS_ENDPOINT_URL AWS_ENDPOINT_URL_S3 AWS_SDK_LOAD_CONFIG',
    'PGHOST PGSSLMODE NODE_OPTIONS NODE_PATH npm_config_registry SSH_AUTH_SOCK XDG_DATA_HOME LC_ALL HTTP_PROXY',
    'GITHUB_REF RUNNER_OS HOSTNAME TEST_DATABASE_URL TEST_REDIS_URL DATABASE_URL_FILE SIGNING_SECRET_ARN',
  ])('none for those of others: %s', (names) => {
    expect(readConfig(Object.fromEntries(names.split(' ').map((name) => [name, '']))).hints).toEqual([])
    const ours = /_(FILE|ARN)$/
    const given = names.split(' ').map((name) => [name, ours.test(name) ? '' : 'x'])
    expect(readConfig(Object.fromEntries(given)).hints).toEqual([])
  })
})

describe('the opening hours', () => {
  test.each([
    [
      'Mon-Fri 08:00-18:00 Europe/Berlin',
      { days: [1, 2, 3, 4, 5], from: '08:00', to: '18:00', timeZone: 'Europe/Berlin' },
    ],
    ['sat,Mon-Tue 00:00-24:00 UTC', { days: [1, 2, 6], from: '00:00', to: '24:00', timeZone: 'UTC' }],
    ['Sun-Mon 09:30-10:00 Asia/Kolkata', { days: [1, 7], from: '09:30', to: '10:00', timeZone: 'Asia/Kolkata' }],
  ])('%s', (text, hours) => {
    expect(readConfig({ OPENING_HOURS: text }).config.OPENING_HOURS).toEqual(hours)
  })

  test.each([
    'Mon-Fri 08:00-18:00',
    'Mon-Fri 8:00-18:00 UTC',
    'Mon-Fri 18:00-08:00 UTC',
    'Mon-Fri 08:00-25:00 UTC',
    'Mon-Fri 08:00-18:00 Europe/Atlantis',
    'Mon-Fri 08:00-18:00 +02:00',
    'Mon-Wed-Fri 08:00-18:00 UTC',
    'Mon,,Fri 08:00-18:00 UTC',
    'Montag 08:00-18:00 UTC',
  ])('%s is refused', (text) => {
    expect(messageOf({ OPENING_HOURS: text })).toEqual([
      `OPENING_HOURS=${text}: expected days, hours of one day and an IANA time zone, such as Mon-Fri 08:00-18:00 Europe/Berlin. Set it in the environment or in .env.`,
    ])
  })
})

describe('what is written from the schema', () => {
  const fileText = (path: string) => readFile(new URL(`../../../../${path}`, import.meta.url), 'utf8')

  test('docs/configuration.md and .env.example are what npm run configuration writes', async () => {
    expect(await fileText('docs/configuration.md')).toContain(`\n${configurationMarkdown()}\n`)
    expect(await fileText('.env.example')).toBe(environmentExample())
  })

  test('every variable is there once, with a reader, and a default that may be written in .env', () => {
    const names = variables.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(variables.filter(({ readBy }) => readBy.length === 0)).toEqual([])
    const defaults = variables.flatMap((variable) =>
      variable.default === undefined ? [] : [[variable.name, variable.default] as const],
    )
    expect(readConfig(Object.fromEntries(defaults)).config).toEqual(readConfig({}).config)
  })

  test('docker-compose.yml has the same defaults for what only it reads', async () => {
    const text = await fileText('docker-compose.yml')
    const own = variables.filter(({ readBy, default: value }) => readBy.includes('compose') && value !== undefined)
    expect(own.length).toBeGreaterThan(3)
    expect(own.filter(({ name, default: value }) => !text.includes(`\${${name}:-${value}}`))).toEqual([])
  })

  test('what names a password, a key or a secret is a secret', () => {
    const suspicious = variables.filter(({ name }) => /PASSWORD|SECRET|ACCESS_KEY|TOKEN(?!S)/.test(name))
    expect(suspicious.length).toBeGreaterThan(5)
    expect(suspicious.filter(({ secret }) => !secret)).toEqual([])
  })
})
