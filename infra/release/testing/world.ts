import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling'
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import { ECSClient } from '@aws-sdk/client-ecs'
import { RDSClient } from '@aws-sdk/client-rds'
import { getPlan } from '../../src/environments.ts'
import { parseRelease, readRelease, type Release, shift, stageRelease, workerImage } from '../../src/release.ts'
import { openAlarms } from '../aws/alarms.ts'
import { openCapacity } from '../aws/capacity.ts'
import { openDatabase } from '../aws/database.ts'
import { openLog } from '../aws/log.ts'
import { openServices } from '../aws/services.ts'
import { Interrupted, type World } from '../ports.ts'
import { type FakeAws, startAws } from './fake-aws.ts'

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`
export const one = { web: digest('1'), worker: digest('a') }
export const two = { web: digest('2'), worker: digest('b') }

const idle = { images: null, weight: 0 }
export const unreleased = parseRelease({ active: 'blue', former: null, blue: idle, green: idle })
/** Version one has all traffic. */
export const released = shift(stageRelease(unreleased, one), 100)
/** Version two is there as well. */
export const prepared = stageRelease(released, two)

export interface Stage extends AsyncDisposable {
  world: World
  aws: FakeAws
  said: string[]
  /** The release that was applied last. */
  applied: { release: Release | undefined }
  /** What the file says. */
  file: () => Release
  /** Releases in the order in which they were applied. */
  applies: Release[]
  /** Called before a wait, with the time since the beginning. */
  during: { wait: (passedMs: number) => void; apply: () => void }
  site: { status: number; body: string; isDown: boolean }
  interrupt: () => void
}

export const webErrors = 'dayshift-production-web-errors'
export const queueAge = 'dayshift-production-queue-age'

/**
 * Real SDK clients on a fake AWS, a clock that jumps, and a Terraform that does what the stack would: it gives services the images of
 * the release file. `release` is in the file and applied, and what it runs is awake.
 */
export async function openStage(release: Release, environment = 'production'): Promise<Stage> {
  const aws = await startAws(environment)
  const releases = mkdtempSync(join(tmpdir(), 'dayshift-release-'))
  const path = join(releases, `${environment}.json`)
  writeFileSync(path, JSON.stringify(release))
  const [said, applies]: [string[], Release[]] = [[], []]
  const applied: Stage['applied'] = { release }
  const during: Stage['during'] = { wait: () => undefined, apply: () => undefined }
  const site: Stage['site'] = { status: 200, body: '{"ok":true}', isDown: false }
  const abort = new AbortController()
  const client = {
    endpoint: aws.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  }
  const take = (next: Release): void => {
    for (const colour of ['blue', 'green'] as const)
      aws.services.get(`web-${colour}`)!.digest = next[colour].images?.web ?? ''
    aws.services.get('worker')!.digest = workerImage(next) ?? ''
  }
  take(release)
  for (const [name, service] of aws.services) {
    if (environment === 'production') service.alarmNames = name === 'worker' ? [queueAge] : [webErrors]
    const runs = name === 'worker' ? release.blue.weight + release.green.weight : release[name === 'web-blue' ? 'blue' : 'green'].weight // prettier-ignore
    if (runs > 0) Object.assign(service, { desired: 1, min: 1, max: 3 })
  }
  for (const name of [webErrors, queueAge]) aws.alarms.set(name, 'OK')
  let nowMs = 1_000_000
  const world: World = {
    plan: getPlan(environment, 'economy'),
    releases,
    terraform: {
      readApplied: async () => ({
        release: applied.release,
        address: 'https://dayshift.example',
        migration: { taskDefinitionArn: 'arn:aws:ecs:us-east-1:123456789012:task-definition/dayshift-migration:7', logGroup: `/dayshift/${environment}/migration`, subnetIds: ['subnet-1', 'subnet-2'], groupId: 'sg-1', publicIp: true }, // prettier-ignore
      }),
      apply: async () => {
        during.apply()
        applied.release = readRelease(releases, environment)
        applies.push(applied.release)
        take(applied.release)
      },
    },
    services: openServices(new ECSClient(client), environment),
    capacity: openCapacity(new ApplicationAutoScalingClient(client), environment),
    database: openDatabase(new RDSClient(client), environment),
    alarms: openAlarms(new CloudWatchClient(client)),
    log: openLog(new CloudWatchLogsClient(client)),
    site: {
      get: async () => {
        if (site.isDown) throw new Error('connect ECONNREFUSED')
        return site
      },
    },
    clock: {
      nowMs: () => nowMs,
      wait: async (ms, signal) => {
        during.wait(nowMs - 1_000_000)
        if (signal.aborted) throw new Interrupted()
        nowMs += ms
      },
    },
    say: (line) => void said.push(line),
    signal: abort.signal,
  }
  return {
    world,
    aws,
    said,
    applied,
    file: () => readRelease(releases, environment),
    applies,
    during,
    site,
    interrupt: () => abort.abort(new Interrupted()),
    [Symbol.asyncDispose]: () => {
      rmSync(releases, { recursive: true, force: true })
      return aws[Symbol.asyncDispose]()
    },
  }
}
