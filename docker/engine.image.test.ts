import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { imagePins, pinned } from './image-pins.ts'
import { build, docker, hasEngine, inspect, listFiles, memoryMb, named, removeAll } from './testing/engine.ts'
import { limits, openTestServices } from './testing/product.ts'
import { freePort, processorMs, untilHealthy } from './testing/program.ts'
import { images, type ImageName } from './tree/contents.ts'

const names = Object.keys(images) as ImageName[]
const node = imagePins.find(({ variable }) => variable === 'NODE_IMAGE')
const base = process.env['NODE_IMAGE'] ?? (node ? pinned(node) : '')
const buildArgs = {
  BASE_IMAGE: base,
  VERSION: '1.2.3',
  REVISION: '0123456789abcdef',
  CREATED: '2023-11-14T22:13:20Z',
  SOURCE_DATE_EPOCH: '1700000000',
}
/** As compose and ECS run it. */
const hardened = ['--read-only', '--tmpfs=/tmp', '--cap-drop=ALL', '--security-opt=no-new-privileges', '--init=false']

describe.skipIf(!hasEngine())('the images', () => {
  const ids = new Map<ImageName, string>()
  beforeAll(() => {
    for (const image of names) ids.set(image, build(image, named(image), buildArgs))
  })
  afterAll(removeAll)

  test.each(names)('%s adds no more to Node than it may', (image) => {
    const sizeOf = (name: string) => Number(inspect(name, '.Size'))
    const mb = (sizeOf(named(image)) - sizeOf(base)) / 1e6
    console.log(`${image}: ${mb.toFixed(1)} MB over ${base}`)
    expect(mb).toBeLessThanOrEqual(limits[image].sizeMb)
  })

  test.each(names)('%s says what it is and runs as nobody in particular, node alone', (image) => {
    const config = inspect(named(image), '.Config') as Record<string, unknown>
    expect(config['Labels']).toMatchObject({
      'org.opencontainers.image.title': `Dayshift ${image}`,
      'org.opencontainers.image.version': '1.2.3',
      'org.opencontainers.image.revision': '0123456789abcdef',
      'org.opencontainers.image.created': '2023-11-14T22:13:20Z',
      'org.opencontainers.image.licenses': 'Apache-2.0',
    })
    expect(inspect(named(image), '.Created')).toBe('2023-11-14T22:13:20Z')
    expect(config).toMatchObject({ User: '1000:1000', StopSignal: 'SIGTERM', WorkingDir: '/app' })
    expect(config['Entrypoint'] ?? []).toEqual([])
    expect(config['Healthcheck']).toMatchObject({ Test: ['CMD', 'node', 'docker/health.mjs', expect.any(String)] })
    const stranger = docker(['run', '--rm', named(image), 'find', '/app', '!', '-user', 'root', '-o', '-perm', '/022', '!', '-type', 'l']) // prettier-ignore
    expect(stranger).toBe('')
  })

  test('a second build from nothing gives the same image', () => {
    expect(build('web', named('again'), buildArgs, ['--no-cache'])).toBe(ids.get('web'))
  })

  test('the health check fails where nothing listens', () => {
    const check = () => docker(['run', '--rm', ...hardened, '--network=none', named('web'), 'node', 'docker/health.mjs', 'PORT']) // prettier-ignore
    expect(check).toThrow(/health: PORT: connect ECONNREFUSED/)
  })

  test('for arm64 it is built without emulation and has the bindings of arm64 alone', () => {
    const arm = docker(['build', '--quiet', '--platform=linux/arm64', '--tag', named('arm-base'), '-'], 'FROM scratch\nLABEL only="a platform"\n') // prettier-ignore
    expect(arm).toMatch(/^sha256:/)
    build('web', named('arm'), { ...buildArgs, BASE_IMAGE: named('arm-base'), BUILD_IMAGE: base }, ['--platform=linux/arm64']) // prettier-ignore
    expect(inspect(named('arm'), '.Architecture')).toBe('arm64')
    const bindings = listFiles(named('arm'), 'linux/arm64').filter((file) => file.endsWith('.node'))
    expect(bindings).toContain('app/node_modules/@node-rs/argon2-linux-arm64-gnu/argon2.linux-arm64-gnu.node')
    expect(bindings.filter((file) => !file.includes('linux-arm64-gnu'))).toEqual([])
  })
})

const services = await openTestServices()

// On the network of the host, because that is where the servers of the tests are.
describe.skipIf(services === undefined || process.platform !== 'linux' || !hasEngine())('a container', () => {
  const ports = { web: 0, worker: 0 }
  let settings: string[] = []
  beforeAll(async () => {
    for (const image of names) build(image, named(image), buildArgs)
    for (const image of names) ports[image] = await freePort()
    const environment = {
      ...(await services?.open()),
      HOST: '127.0.0.1',
      PORT: String(ports.web),
      WORKER_HEALTH_PORT: String(ports.worker),
      S3_BUCKET: 'dayshift-image',
      S3_ENDPOINT: 'http://127.0.0.1:9',
      DEFAULT_SOURCES: 'false',
      SAMPLE_CONTENT: 'false',
    }
    settings = Object.entries(environment).map(([name, value]) => `--env=${name}=${value}`)
    docker([
      'run',
      '--rm',
      ...hardened,
      '--network=host',
      ...settings,
      named('worker'),
      'node',
      'apps/cli/src/migrate.ts',
    ])
  })
  afterAll(async () => {
    removeAll()
    await services?.close()
  })

  async function run(image: ImageName, ...options: string[]): Promise<{ container: string; startMs: number }> {
    const container = named(`${image}-${Math.random().toString(36).slice(2)}`)
    docker([
      'run',
      '--detach',
      '--name',
      container,
      ...hardened,
      '--network=host',
      ...settings,
      ...options,
      named(image),
    ])
    await untilHealthy(`http://127.0.0.1:${ports[image]}/health`, () => undefined)
    const healthy = Date.now()
    const { StartedAt, Pid } = inspect(container, '.State') as { StartedAt: string; Pid: number }
    // Of a busy machine the wall clock says nothing: then what the process itself worked.
    return { container, startMs: Math.min(healthy - Date.parse(StartedAt), processorMs(Pid)) }
  }
  const stop = (container: string): unknown => {
    docker(['stop', '--time=30', container])
    return inspect(container, '.State.ExitCode')
  }

  test.each(names)('%s starts in time, idles in its memory with a read-only root, and stops with 0', async (image) => {
    const starts: number[] = []
    for (let turn = 0; turn < 3; turn += 1) {
      const { container, startMs } = await run(image)
      starts.push(startMs)
      expect(stop(container)).toBe(0)
    }
    const { container, startMs } = await run(image)
    const best = Math.min(...starts, startMs)
    await sleep(60_000)
    const idleMb = memoryMb(container)
    const { Pid } = inspect(container, '.State') as { Pid: number }
    const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${Pid}/status`, 'utf8'))?.[1]
    console.log(`${image}: /health after ${best} ms, idle ${idleMb.toFixed(0)} MB (docker stats), resident ${Math.round(Number(rss) / 1024)} MB`) // prettier-ignore
    expect(best).toBeLessThanOrEqual(limits[image].startMs)
    expect(idleMb).toBeLessThanOrEqual(limits[image].idleMb)
    expect(inspect(container, '.State.Health.Status')).toBe('healthy')
    expect(inspect(container, '.Path')).toBe('node')
    expect(stop(container)).toBe(0)
  })

  test('what was compiled at the build is used', async () => {
    const { container } = await run('web', '--env=NODE_DEBUG_NATIVE=COMPILE_CACHE')
    const { stderr: lines } = spawnSync('docker', ['logs', container], { encoding: 'utf8', maxBuffer: 64e6 })
    expect(stop(container)).toBe(0)
    expect(lines.match(/ accepted/g)?.length ?? 0).toBeGreaterThan(500)
    expect(lines).not.toMatch(/permission denied|rejected/)
  })

  test('a processor that it was not compiled for costs time and nothing else', async () => {
    const { container } = await run('web', '--env=NODE_COMPILE_CACHE=/app/of-another-processor')
    expect(stop(container)).toBe(0)
  })
})
