import { createHash } from 'node:crypto'
import {
  GetBucketLifecycleConfigurationCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Analyst, eventually, signIn } from './testing/analyst.ts'
import { services } from './testing/compose-file.ts'
import { dashboards, metricNamesIn } from './testing/dashboards.ts'
import { docker, noEngine } from './testing/docker.ts'
import { type Platform, preparePlatform } from './testing/platform.ts'

const LASTING = ['postgres', 'valkey', 'store', 'worker', 'web']
const reports = (name: string, count: number) =>
  Array.from({ length: count }, (_, index) => `Report ${name} ${index + 1}`)

const ms = (duration: number) => `${Math.round(duration)} ms`

describe.skipIf(noEngine)(`the platform in containers${noEngine ? `: skipped, ${noEngine}` : ''}`, () => {
  let platform: Platform
  let analyst: Analyst
  let s3: S3Client
  /** What was collected so far: name of the source → how many reports. */
  const collected = new Map<string, number>()

  const collect = async (name: string, count: number) => {
    await analyst.addSource(name, count)
    collected.set(name, count)
  }
  const isCollected = (name: string) =>
    eventually(
      () => analyst.titles(name),
      ({ length }) => length >= collected.get(name)!,
    )
  const isIdle = () =>
    eventually(
      async () => (await analyst.get<{ items: { state: string; count: number }[] }>('/jobs/counts')).items,
      (counts) => counts.every(({ state, count }) => count === 0 || state === 'done' || state === 'dead'),
    )
  const expectNothingLost = async () => {
    for (const [name, count] of collected) expect(await analyst.titles(name)).toEqual(reports(name, count))
  }
  /** The keys of the pages that were stored; each is the SHA-256 of its bytes. */
  const storedPages = async () => {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'dayshift', Prefix: 'pages/' }))
    return Contents.map(({ Key = '' }) => Key)
  }

  beforeAll(async () => {
    platform = await preparePlatform()
    for (const note of platform.notes) console.warn(note)
    const { S3_ACCESS_KEY_ID = '', S3_SECRET_ACCESS_KEY = '' } = platform.env
    s3 = new S3Client({
      endpoint: platform.storeUrl,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId: S3_ACCESS_KEY_ID, secretAccessKey: S3_SECRET_ACCESS_KEY },
    })
  })
  afterAll(async () => {
    s3.destroy()
    await platform.close()
  })

  test('comes up whole: every service is healthy, and what runs once has ended well', async () => {
    await platform.compose('up', '--build', '--detach', '--quiet-pull')
    await eventually(
      () => platform.state('web'),
      ({ health }) => health === 'healthy',
    )
    await eventually(
      () => platform.state('worker'),
      ({ health }) => health === 'healthy',
    )
    for (const service of LASTING)
      expect([service, (await platform.state(service)).health]).toEqual([service, 'healthy'])
    for (const service of ['migrate', 'buckets'])
      expect(await platform.state(service)).toMatchObject({ status: 'exited', exitCode: 0 })
    analyst = await signIn(platform)
  })

  test('the buckets are there; they drop unfinished uploads, and that of the backups keeps versions', async () => {
    const rulesOf = async (Bucket: string) => {
      const { Rules = [] } = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))
      return Rules.map(({ ID }) => ID ?? '').toSorted()
    }
    for (const bucket of ['dayshift', 'dayshift-logs', 'dayshift-models']) {
      expect(await rulesOf(bucket)).toEqual(['unfinished-uploads'])
      expect((await s3.send(new GetBucketVersioningCommand({ Bucket: bucket }))).Status).toBeUndefined()
    }
    expect(await rulesOf('dayshift-backups')).toEqual(['old-versions', 'unfinished-uploads'])
    expect((await s3.send(new GetBucketVersioningCommand({ Bucket: 'dayshift-backups' }))).Status).toBe('Enabled')
  })

  test('what a feed lists is collected, stored as an object, and found', async () => {
    await collect('first', 5)
    await isCollected('first')
    await expectNothingLost()
    const { items } = await analyst.get<{ items: { article: { title: string } }[] }>('/search?q=c3.first-loader.com')
    expect(items[0]?.article.title).toBe('Report first 3')
    const pages = await storedPages()
    expect(pages).toHaveLength(5)
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'dayshift', Key: pages[0]! }))
    const bytes = await Body!.transformToByteArray()
    expect(pages[0]).toBe(`pages/${createHash('sha256').update(bytes).digest('hex')}.html`)
    expect(Buffer.from(bytes).toString()).toContain('-loader.com for its orders')
  })

  test.each(LASTING)(
    'a crash of %s in the midst of work loses nothing, and work goes on by itself',
    async (service) => {
      const name = `during-${service}`
      await collect(name, 12)
      await eventually(
        () => analyst.titles(name),
        ({ length }) => length > 0,
      )
      const { restarts } = await platform.state(service)
      expect((await analyst.titles(name)).length).toBeLessThan(12)
      await platform.crash(service)
      const start = performance.now()
      await platform.healthyAfter(service, restarts)
      const healthyMs = performance.now() - start
      await isCollected(name)
      await isIdle()
      console.warn(`${service} was back in ${ms(healthyMs)}, the work done in ${ms(performance.now() - start)}.`)
      await expectNothingLost()
      expect(new Set(await storedPages()).size).toBe([...collected.values()].reduce((sum, count) => sum + count, 0))
      expect((await analyst.fetch('/session')).status).toBe(200)
      const dead = await analyst.get<{ items: unknown[] }>('/jobs?state=dead')
      expect(dead.items).toEqual([])
    },
  )

  test('a second web serves the session of the first, and goes on without it', async () => {
    await platform.compose('--profile', 'two-web', 'up', '--build', '--detach')
    await eventually(
      () => platform.state('proxy'),
      ({ health }) => health === 'healthy',
    )
    const servedBy = async () => {
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => analyst.fetch('/session', {}, platform.proxyUrl)),
      )
      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200))
      return [...new Set(answers.map(({ headers }) => headers.get('x-served-by') ?? ''))].toSorted()
    }
    expect(await eventually(servedBy, ({ length }) => length === 2)).toEqual(['web', 'web-2'])
    await platform.compose('stop', 'web')
    expect(await eventually(servedBy, ({ length }) => length === 1)).toEqual(['web-2'])
    await platform.compose('start', 'web')
    await eventually(
      () => platform.state('web'),
      ({ health }) => health === 'healthy',
    )
  })

  test('every metric that a dashboard shows is told, and Prometheus collects it', async () => {
    const read = `const texts = []; for (const url of ['http://web:9464/metrics', 'http://worker:9464/metrics'])
      texts.push(await (await fetch(url)).text()); console.log(texts.join(''))`
    const text = await platform.compose('exec', '-T', 'feed', 'node', '--input-type=module', '--eval', read)
    const told = new Set([...text.matchAll(/^(\w+)[ {]/gm)].map(([, name]) => name))
    const shown = dashboards.flatMap(({ panels }) => panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)))
    expect(shown.flatMap(metricNamesIn).filter((name) => !told.has(name))).toEqual([])

    await platform.compose('--profile', 'observability', 'up', '--build', '--detach', 'prometheus')
    const query = async (expression: string) => {
      const url = `${platform.prometheusUrl}/api/v1/query?query=${encodeURIComponent(expression)}`
      const answer = (await (await fetch(url)).json()) as {
        status: string
        data: { result: { metric: { job: string } }[] }
      }
      return answer
    }
    const up = await eventually(
      () => query('up == 1'),
      ({ data }) => data.result.length >= 3,
    )
    expect(up.data.result.map(({ metric }) => metric.job).toSorted()).toEqual(['web', 'web', 'worker'])
    for (const expression of shown)
      expect([expression, (await query(expression.replaceAll('$__rate_interval', '1m'))).status]).toEqual([
        expression,
        'success',
      ])
  })

  test('no secret of .env is in a log', async () => {
    const logs = await platform.compose('logs', '--no-color')
    expect(logs.length).toBeGreaterThan(1000)
    const secrets = Object.entries(platform.env).filter(([name]) => /PASSWORD|SECRET/.test(name))
    expect(secrets.filter(([, value]) => logs.includes(value)).map(([name]) => name)).toEqual([])
  })

  test('a stop in the midst of work ends every process by itself, well and in time', async () => {
    await collect('stopped', 12)
    await eventually(
      () => analyst.titles('stopped'),
      ({ length }) => length > 0,
    )
    const start = performance.now()
    await platform.compose('stop', 'web', 'web-2', 'worker')
    const tookMs = performance.now() - start
    console.warn(`web, web-2 and worker stopped in ${ms(tookMs)}.`)
    expect(tookMs).toBeLessThan(110_000)
    for (const service of ['web', 'web-2', 'worker'])
      expect([service, await platform.state(service)]).toMatchObject([service, { status: 'exited', exitCode: 0 }])
    await platform.compose('--profile', '*', 'stop')
    for (const service of ['postgres', 'valkey', 'store'])
      expect([service, await platform.state(service)]).toMatchObject([service, { status: 'exited', exitCode: 0 }])
  })

  test('down and up again, everything is there: articles, objects, the session, and what was still to do', async () => {
    await platform.compose('--profile', '*', 'down')
    await expect(platform.state('web')).rejects.toThrow('no container')
    await platform.compose('up', '--detach')
    await eventually(
      () => platform.state('web'),
      ({ health }) => health === 'healthy',
    )
    expect((await analyst.fetch('/session')).status).toBe(200)
    await isCollected('stopped')
    await isIdle()
    await expectNothingLost()
    const pages = await storedPages()
    expect(pages).toHaveLength([...collected.values()].reduce((sum, count) => sum + count, 0))
    for (const Key of pages) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'dayshift', Key }))
      const sha256 = createHash('sha256').update(await Body!.transformToByteArray())
      expect(Key).toBe(`pages/${sha256.digest('hex')}.html`)
    }
  })

  test('the containers have what the file says: a root that cannot be written, limits, and no port beyond this machine', async () => {
    const ids = (await platform.compose('ps', '--all', '--quiet')).split('\n')
    const inspected = JSON.parse(await docker('inspect', ...ids)) as {
      Config: { Labels: Record<string, string>; User: string }
      HostConfig: { ReadonlyRootfs: boolean; Memory: number; CapDrop: string[]; Privileged: boolean }
      NetworkSettings: { Ports: Record<string, { HostIp: string }[] | null> }
    }[]
    for (const { Config, HostConfig, NetworkSettings } of inspected) {
      const service = Config.Labels['com.docker.compose.service'] ?? ''
      if (!services[service]) continue
      const { ReadonlyRootfs, CapDrop, Privileged, Memory } = HostConfig
      expect([service, ReadonlyRootfs, CapDrop, Privileged, Memory > 0]).toEqual([service, true, ['ALL'], false, true])
      const hosts = Object.values(NetworkSettings.Ports).flatMap((bindings) => bindings ?? [])
      expect([service, hosts.filter(({ HostIp }) => HostIp !== '127.0.0.1')]).toEqual([service, []])
    }
  })
})
