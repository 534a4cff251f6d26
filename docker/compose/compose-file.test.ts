import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readConfig, variables } from '@dayshift/domain/config'
import { describe, expect, test } from 'vitest'
import { composeFile, composeText, environmentOf, interpolate, makeEnv } from './testing/compose-file.ts'
import { referencesIn, ROOT, type Service, services } from './testing/compose-file.ts'

const all = Object.entries(services)
const env = makeEnv()
/** What runs once and ends; everything else stays up. */
const ONCE = ['migrate', 'buckets', 'ollama-models']
/** Ours, and as which process of the configuration's table it reads its environment. */
const OURS = { web: 'web', 'web-2': 'web', worker: 'worker', migrate: 'migrate' } as const
/** The AWS SDK's own, for Bedrock. */
const OF_THE_SDK = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']
/** Read by the process, and of no use in these containers. */
const NOT_PASSED: Record<string, string> = {
  DAYSHIFT_DATA: 'there are no embedded parts',
  DATABASE_CA_FILE: 'the database is on the same network; a file of the host is not in the container',
  LLM_CATALOGUE: 'a file of the host is not in the container',
  OLLAMA_API_PORT: 'it would need a port of the host',
  REDIS_KEY_PREFIX: 'the Valkey is ours alone',
  REDIS_IAM_CACHE: 'that is of ElastiCache',
}

describe('what the file needs', () => {
  test('every variable has a default, or npm run setup makes it', () => {
    const references = referencesIn(composeText)
    expect(references.length).toBeGreaterThan(10)
    const unresolved = references.filter((one) => one.default === undefined && !env[one.name])
    expect(unresolved).toEqual([])
    expect(() => interpolate(composeText, env)).not.toThrow()
  })

  test('what setup makes is required by the file, which says what to do', () => {
    const required = new Set(referencesIn(composeText).flatMap(({ name, isRequired }) => (isRequired ? [name] : [])))
    expect([...required].toSorted()).toEqual(Object.keys(env).toSorted())
    expect(composeText.match(/:\?[^}]*/g)?.every((message) => message === ':?run npm run setup')).toBe(true)
  })

  test('a variable has the same default everywhere', () => {
    const defaults = Map.groupBy(referencesIn(composeText), ({ name }) => name)
    for (const [name, references] of defaults)
      expect([name, new Set(references.map((one) => one.default)).size]).toEqual([name, 1])
  })

  test('every service, volume and file that is named is there', () => {
    const named = all.flatMap(([, { depends_on }]) => Object.keys(depends_on))
    expect(named.filter((name) => !services[name])).toEqual([])
    const sources = all.flatMap(([, { volumes }]) => volumes.map((volume) => volume.split(':')[0] ?? ''))
    const files = sources.filter((source) => source.startsWith('.'))
    expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([])
    const used = sources.filter((source) => !source.startsWith('.'))
    expect(used.toSorted()).toEqual(Object.keys(composeFile.volumes).toSorted())
  })
})

describe.each(all)('%s', (name, service) => {
  const isOnce = ONCE.includes(name)

  test('cannot write to its root, gain privileges or fill the machine', () => {
    expect(service).toMatchObject({
      init: false,
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      logging: { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '3' } },
      stop_grace_period: '120s',
      restart: isOnce ? 'no' : 'unless-stopped',
    })
    expect(interpolate(service.mem_limit, {})).toMatch(/^\d+[mg]$/)
    expect(service.pids_limit).toBeLessThanOrEqual(512)
    // What an entry point needs that starts as root and becomes another user; nothing else.
    const allowed = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'SETGID', 'SETUID']
    expect(service.cap_add.filter((capability) => !allowed.includes(capability))).toEqual([])
    expect(service.volumes.join()).not.toContain('docker.sock')
    const ofHost = service.volumes.filter((volume) => volume.startsWith('.'))
    expect(ofHost.every((volume) => volume.endsWith(':ro'))).toBe(true)
  })

  test('is reachable from this machine only', () => {
    for (const port of service.ports) expect(port).toMatch(/^127\.0\.0\.1:\$\{\w+:-\d+\}:\d+$/)
  })

  test('has an image with a tag that a variable can replace', () => {
    const [reference] = referencesIn(service.image)
    expect(service.image).toMatch(/^\$\{\w+_IMAGE:-[^}]+\}$/)
    expect(reference?.default).toMatch(/^[a-z0-9./-]+:[\w.-]+(@sha256:[0-9a-f]{64})?$/)
    expect(reference?.default).not.toContain(':latest')
  })

  test('says whether it is healthy, unless it only runs once', () => {
    const { disable = false, test = [] } = service.healthcheck ?? {}
    const says = !disable && (test.length > 0 || hasHealthCheck(service))
    expect([disable, says]).toEqual([isOnce, !isOnce])
  })

  test('waits for what is healthy or done, not for what was merely started', () => {
    for (const [other, { condition }] of Object.entries(service.depends_on)) {
      const expected = ONCE.includes(other) ? 'service_completed_successfully' : 'service_healthy'
      expect([other, condition]).toEqual([other, expected])
    }
  })

  test('is given secrets by variables only', () => {
    const secret = /PASSWORD|SECRET|ACCESS_KEY|TOKEN|AUTH$/
    const given = Object.entries(service.environment).map(([key, value]) => [key, String(value ?? '')] as const)
    // Passed on when it is set, or a reference to what setup makes.
    const literal = given.filter(([key, value]) => secret.test(key) && value !== '' && !/^\$\{\w+:\?/.test(value))
    const inAddresses = given.filter(([, value]) => /:\/\/[^/@\s]*:[^/@\s]*@/.test(value))
    expect([...literal, ...inAddresses]).toEqual([])
    expect(service.command.join(' ')).not.toMatch(/\$\{\w*(PASSWORD|SECRET|KEY)/)
  })
})

const targets = Object.fromEntries(
  existsSync(join(ROOT, 'docker/Dockerfile'))
    ? readFileSync(join(ROOT, 'docker/Dockerfile'), 'utf8')
        .split(/^(?=FROM )/m)
        .map((stage) => [/ AS (\S+)/.exec(stage)?.[1], stage])
    : [],
) as Record<string, string>

const hasHealthCheck = ({ build }: Service) => /^HEALTHCHECK /m.test(targets[build?.target ?? ''] ?? '')

test('profiles add to the platform, and it stands without them', () => {
  const byProfile = Object.fromEntries(all.map(([name, { profiles }]) => [name, profiles.join()]))
  expect(byProfile).toEqual({
    web: '',
    worker: '',
    migrate: '',
    buckets: '',
    postgres: '',
    valkey: '',
    store: '',
    'web-2': 'two-web',
    proxy: 'two-web',
    ollama: 'ollama',
    'ollama-models': 'ollama',
    prometheus: 'observability',
    grafana: 'observability',
  })
  for (const [, { profiles, depends_on }] of all)
    for (const other of Object.keys(depends_on))
      expect(['', profiles.join()]).toContain(services[other]!.profiles.join())
})

test('web and worker start when the database is migrated and the buckets are made', () => {
  for (const name of ['web', 'web-2', 'worker'])
    expect(services[name]!.depends_on).toEqual({
      postgres: { condition: 'service_healthy' },
      valkey: { condition: 'service_healthy' },
      store: { condition: 'service_healthy' },
      migrate: { condition: 'service_completed_successfully' },
      buckets: { condition: 'service_completed_successfully' },
    })
})

describe.each(Object.entries(OURS))('the environment of %s', (name, process) => {
  const given = services[name]!.environment

  test('has only variables that it reads', () => {
    const read = variables.filter(({ readBy }) => readBy.includes(process)).map((variable) => variable.name)
    const unknown = Object.keys(given).filter((key) => !read.includes(key) && !OF_THE_SDK.includes(key))
    expect(unknown).toEqual([])
  })

  test.runIf(process !== 'migrate')('has or passes on all that it reads', () => {
    const missing = variables
      .filter(({ readBy }) => readBy.includes(process))
      .map((variable) => variable.name)
      .filter((key) => !(key in given) && NOT_PASSED[key] === undefined)
    expect(missing).toEqual([])
  })

  test('is a configuration without a fault', () => {
    expect(readConfig(environmentOf(services[name]!, env)).hints).toEqual([])
  })

  test.runIf(process !== 'migrate')('passes on what .env says, and keeps what containers need', () => {
    const said = { ...env, LOG_LEVEL: 'debug', OLLAMA_URL: 'http://elsewhere:11434', MIGRATE_ON_START: 'true' }
    const { config } = readConfig(environmentOf(services[name]!, said))
    expect(config).toMatchObject({
      LOG_LEVEL: 'debug',
      OLLAMA_URL: 'http://elsewhere:11434',
      MIGRATE_ON_START: false,
      STOP_WITHIN_S: 110,
    })
  })
})

test('only the migration can act as the superuser of the database', () => {
  const knowing = all.filter(([, { environment }]) => Object.values(environment).join().includes('{POSTGRES_PASSWORD'))
  expect(knowing.map(([name]) => name).toSorted()).toEqual(['migrate', 'postgres'])
})

test('the models that are pulled are those that are asked for by default', () => {
  const { CHAT_MODEL, EMBEDDING_MODEL } = environmentOf(services['ollama-models']!, env)
  const defaultOf = (name: string) => variables.find((variable) => variable.name === name)?.default
  expect([CHAT_MODEL, EMBEDDING_MODEL]).toEqual([defaultOf('OLLAMA_MODEL'), defaultOf('OLLAMA_EMBEDDING_MODEL')])
})

test('the processes have time to stop before they are killed', () => {
  for (const name of ['web', 'web-2', 'worker']) {
    const seconds = Number(services[name]!.stop_grace_period.replace('s', ''))
    expect(seconds).toBeGreaterThan(Number(services[name]!.environment['STOP_WITHIN_S']))
  }
})

test('the images are those of docker/images.json, with their digests', () => {
  const file = join(ROOT, 'docker/images.json')
  const images = JSON.parse(readFileSync(file, 'utf8')) as { variable: string; image: string; digest: string | null }[]
  const pinned = images.map(({ variable, image, digest }) => [variable, digest ? `${image}@${digest}` : image])
  const ours = ['WEB_IMAGE', 'WORKER_IMAGE']
  const named = new Map(
    referencesIn(composeText)
      .filter(({ name }) => name.endsWith('_IMAGE') && !ours.includes(name))
      .map((reference) => [reference.name, reference.default]),
  )
  expect(Object.fromEntries(named)).toEqual(Object.fromEntries(pinned))
})
