import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'yaml'
import { makeEnv, ROOT } from './compose-file.ts'
import { docker } from './docker.ts'
import { findStandIns } from './stand-ins.ts'

export interface Platform {
  env: Record<string, string>
  /** One line for each image that is not the real one. */
  notes: string[]
  webUrl: string
  proxyUrl: string
  storeUrl: string
  prometheusUrl: string
  /** `docker compose …` of this project, with its profiles. */
  compose(...args: string[]): Promise<string>
  state(service: string): Promise<State>
  /** Ends the main process of the container as a crash would; Docker then restarts it. */
  crash(service: string): Promise<void>
  /** Resolves when the service has been started more often than `restarts` and is healthy. */
  healthyAfter(service: string, restarts: number): Promise<void>
  /** Takes away the containers, networks and volumes of this project, and nothing else. */
  close(): Promise<void>
}

interface State {
  status: string
  health: string | undefined
  exitCode: number
  pid: number
  restarts: number
  startedAt: string
}

/** Prepares the platform as a project of its own, on ports of its own; nothing is started. */
export async function preparePlatform(): Promise<Platform> {
  const project = `dayshift-test-${randomBytes(4).toString('hex')}`
  const folder = await mkdtemp(join(tmpdir(), `${project}-`))
  const [web, proxy, store, prometheus] = (await Promise.all([1, 2, 3, 4].map(freePort))) as [
    number,
    number,
    number,
    number,
  ]
  const env = {
    ...makeEnv(),
    WEB_PORT: `${web}`,
    PROXY_PORT: `${proxy}`,
    PROMETHEUS_PORT: `${prometheus}`,
    WEB_IMAGE: 'dayshift-web:test',
    WORKER_IMAGE: 'dayshift-worker:test',
    ALLOW_ORIGINS: 'http://feed:8080',
    // With pages that take their time, a feed of a dozen keeps the worker busy for some seconds.
    FETCH_CONCURRENCY: '2',
  }
  const { services, notes } = await findStandIns()
  const override = {
    services: {
      ...services,
      store: { ...services['store'], ports: [`127.0.0.1:${store}:8333`] },
      feed: {
        image: 'node:24-bookworm-slim',
        command: ['node', '/feed.mjs'],
        volumes: [`${ROOT}/docker/compose/testing/feed.mjs:/feed.mjs:ro`],
        read_only: true,
      },
    },
  }
  const overrideFile = join(folder, 'override.yml')
  const envFile = join(folder, '.env')
  await writeFile(overrideFile, stringify(override).replaceAll(/^( *)(\w+):\n +\$override:$/gm, '$1$2: !override'))
  await writeFile(
    envFile,
    Object.entries(env)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
    { mode: 0o600 },
  )
  const files = ['--file', join(ROOT, 'docker-compose.yml'), '--file', overrideFile]
  const run = (...args: string[]) =>
    docker('compose', '--progress=quiet', '--project-name', project, '--env-file', envFile, ...files, ...args)
  const compose = async (...args: string[]): Promise<string> => {
    try {
      return await run(...args)
    } catch (error) {
      if (!args.includes('up')) throw error
      const logs = await run('--profile', '*', 'logs', '--no-color', '--tail', '15')
      throw new Error(`${(error as Error).message}\n${logs}`, { cause: error })
    }
  }

  const state = async (service: string): Promise<State> => {
    const id = await compose('--profile', '*', 'ps', '--all', '--quiet', service)
    if (id === '') throw new Error(`There is no container of ${service}.`)
    const [inspected] = JSON.parse(await docker('inspect', id)) as [Inspected]
    const { Status, ExitCode, Pid, StartedAt, Health } = inspected.State
    return {
      status: Status,
      health: Health?.Status,
      exitCode: ExitCode,
      pid: Pid,
      restarts: inspected.RestartCount,
      startedAt: StartedAt,
    }
  }
  return {
    env,
    notes,
    webUrl: `http://127.0.0.1:${web}`,
    proxyUrl: `http://127.0.0.1:${proxy}`,
    storeUrl: `http://127.0.0.1:${store}`,
    prometheusUrl: `http://127.0.0.1:${prometheus}`,
    compose,
    state,
    async crash(service) {
      // `docker kill` counts as stopped by hand, after which nothing restarts.
      process.kill((await state(service)).pid, 'SIGKILL')
    },
    async healthyAfter(service, restarts) {
      const end = Date.now() + 120_000
      for (;;) {
        const now = await state(service)
        if (now.restarts > restarts && now.health === 'healthy') return
        if (Date.now() > end) throw new Error(`${service} did not come back: ${JSON.stringify(now)}`)
        await sleep(250)
      }
    },
    async close() {
      await compose('--profile', '*', 'down', '--volumes', '--remove-orphans', '--timeout', '5')
      await rm(folder, { recursive: true })
    },
  }
}

interface Inspected {
  RestartCount: number
  State: { Status: string; ExitCode: number; Pid: number; StartedAt: string; Health?: { Status: string } }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
