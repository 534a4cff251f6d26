import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseEnv } from 'node:util'
import { readConfig, variables } from '@dayshift/domain/config'
import { expect, test } from 'vitest'
import { temporaryFolder } from './testing/start.ts'

const script = fileURLToPath(new URL('../../../scripts/setup.mjs', import.meta.url))
const setup = (file: string): string => execFileSync(process.execPath, [script, file]).toString()

const made = [
  'POSTGRES_PASSWORD',
  'DATABASE_PASSWORD',
  'REDIS_PASSWORD',
  'S3_ACCESS_KEY_ID',
  'S3_SECRET_ACCESS_KEY',
  'SIGNING_SECRET',
  'GRAFANA_PASSWORD',
]

test('a new .env has a random secret for each, only its owner may read it, and none is printed', () => {
  const file = join(temporaryFolder(), '.env')
  const printed = setup(file)
  const values = parseEnv(readFileSync(file, 'utf8'))
  expect(Object.keys(values).sort()).toEqual(made.toSorted())
  expect(statSync(file).mode & 0o777).toBe(0o600)
  for (const [name, value = ''] of Object.entries(values)) {
    // 32 bytes are 43 characters of base64url: RFC 4648 section 5.
    expect(value).toMatch(name === 'S3_ACCESS_KEY_ID' ? /^[A-Z2-7]{20}$/ : /^[\w-]{43}$/)
    expect(printed).not.toContain(value)
    expect(printed).toContain(name)
  }
  expect(new Set(Object.values(values)).size).toBe(made.length)
  const other = join(temporaryFolder(), '.env')
  setup(other)
  expect(parseEnv(readFileSync(other, 'utf8'))).not.toMatchObject({ SIGNING_SECRET: values['SIGNING_SECRET'] })
})

test('what is set stays as it is, also comments; what is missing or empty is added', () => {
  const file = join(temporaryFolder(), '.env')
  const mine = `# mine\nPORT=9000\nREDIS_PASSWORD="my own"\nexport SIGNING_SECRET=${'s'.repeat(32)}\nGRAFANA_PASSWORD=\nXPOSTGRES_PASSWORD=x`
  writeFileSync(file, mine, { mode: 0o644 })
  const printed = setup(file)
  expect(printed).toMatch(
    /added POSTGRES_PASSWORD, DATABASE_PASSWORD, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY, GRAFANA_PASSWORD\./,
  )
  const text = readFileSync(file, 'utf8')
  expect(text.startsWith(`${mine}\n`)).toBe(true)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(parseEnv(text)).toMatchObject({ PORT: '9000', REDIS_PASSWORD: 'my own', XPOSTGRES_PASSWORD: 'x' })
  expect(parseEnv(text)['GRAFANA_PASSWORD']).toMatch(/^[\w-]{43}$/)

  expect(setup(file)).toContain('nothing is missing')
  expect(readFileSync(file, 'utf8')).toBe(text)
})

test('an option is no name of a file', () => {
  const cwd = temporaryFolder()
  const { status, stderr } = spawnSync(process.execPath, [script, '--force'], { cwd })
  expect([status, readdirSync(cwd)]).toEqual([1, []])
  expect(stderr.toString()).toMatch(/^Usage: npm run setup/)
})

test('each is a secret of the configuration, which takes what is made', () => {
  const file = join(temporaryFolder(), '.env')
  setup(file)
  const secrets = variables.filter(({ secret }) => secret).map(({ name }) => name)
  expect(made.filter((name) => !secrets.includes(name))).toEqual([])
  const values = parseEnv(readFileSync(file, 'utf8'))
  expect(readConfig(values).secrets.SIGNING_SECRET).toBe(values['SIGNING_SECRET'])
})
