import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling'
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import { ECSClient } from '@aws-sdk/client-ecs'
import { RDSClient } from '@aws-sdk/client-rds'
import { environments, getPlan } from '../src/environments.ts'
import { openAlarms } from './aws/alarms.ts'
import { openCapacity } from './aws/capacity.ts'
import { openDatabase } from './aws/database.ts'
import { openLog } from './aws/log.ts'
import { openServices } from './aws/services.ts'
import { runCommand } from './command.ts'
import { readOptions, usage } from './options.ts'
import { type Clock, Interrupted, ReleaseError, type Site, type World } from './ports.ts'
import { command as typed } from './release-file.ts'
import { openTerraform } from './terraform.ts'

const infra = fileURLToPath(new URL('..', import.meta.url))

const clock: Clock = {
  nowMs: () => Date.now(),
  wait: (ms, signal) =>
    delay(ms, undefined, { signal }).catch(() => {
      throw new Interrupted()
    }),
}

const site: Site = {
  get: async (url) => {
    const request = { redirect: 'manual', signal: AbortSignal.timeout(10_000) } as const
    // oxlint-disable-next-line no-restricted-globals -- our own address, from a person's machine: no guard stands between
    const response = await fetch(url, request).catch((error: Error) => {
      // "fetch failed" says nothing; its cause does.
      throw error.cause instanceof Error ? error.cause : error
    })
    return { status: response.status, body: await response.text() }
  },
}

function openWorld(environment: string, signal: AbortSignal): World {
  const { STATE_BUCKET, STATE_FOLDER, RELEASES = `${infra}releases` } = process.env
  if (STATE_BUCKET === undefined && STATE_FOLDER === undefined)
    throw new ReleaseError(
      'STATE_BUCKET is not set: expected the name of the bucket with the states, dayshift-state-<number of the account>.',
    )
  const plan = getPlan(environment)
  // So that a dead network is seen within a look, not after minutes.
  const client = { region: plan.region, requestHandler: { connectionTimeout: 5_000, requestTimeout: 10_000 } }
  return {
    plan,
    releases: RELEASES,
    terraform: openTerraform({ environment, infra, out: `${infra}cdktf.out`, env: process.env, isShown: true, signal }),
    services: openServices(new ECSClient(client), environment),
    capacity: openCapacity(new ApplicationAutoScalingClient(client), environment),
    database: openDatabase(new RDSClient(client), environment),
    alarms: openAlarms(new CloudWatchClient(client)),
    log: openLog(new CloudWatchLogsClient(client)),
    site,
    clock,
    say: (line) => console.log(line),
    signal,
  }
}

async function main(): Promise<void> {
  const { command, environment } = readOptions(
    process.argv.slice(2),
    environments.map(({ name }) => name),
  )
  if (command === 'help') return console.log(usage)
  const interrupt = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupt.abort(new Interrupted()))
  try {
    await runCommand(openWorld(environment, interrupt.signal), command)
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error
    throw new ReleaseError(
      `Interrupted before anything of the release was changed; what was started goes on by itself. ${typed(environment, 'status')}`,
      { cause: error },
    )
  }
}

try {
  await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
