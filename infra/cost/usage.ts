/** Who uses a stack: a team every day, its developers now and then, or nobody (what the account has once). */
export type Kind = 'awake' | 'asleep' | 'account'

interface Assumption {
  what: string
  why: string
  awake: number
  asleep: number
  account: number
}

/**
 * What a price needs to know and no plan says, for a month. A small team: ten people, a hundred feeds, a thousand articles.
 * Nothing here is measured; the bill of a first month is the better source.
 */
const table = {
  releases: { what: 'releases', why: 'one a week', awake: 4, asleep: 4, account: 4 },
  overlapHours: { what: 'hours that both colours run, each release', why: 'five steps, watched', awake: 2.5, asleep: 0.5, account: 0 }, // prettier-ignore
  oneOffHours: { what: 'hours of a one-off task, each release', why: 'the migration', awake: 0.1, asleep: 0.1, account: 0 }, // prettier-ignore
  moreTaskHours: { what: 'task hours above the least, each service', why: 'scaling out now and then', awake: 10, asleep: 0, account: 0 }, // prettier-ignore
  lcu: { what: 'load balancer capacity units, on average', why: 'far below 25 new connections a second', awake: 0.1, asleep: 0, account: 0 }, // prettier-ignore
  requestsMillion: { what: 'million requests', why: 'ten people and their page', awake: 0.5, asleep: 0.02, account: 0 },
  edgeGb: { what: 'GB to browsers', why: 'about 10 KB a request', awake: 5, asleep: 0.2, account: 0 },
  outGb: { what: 'GB from tasks to the internet', why: 'requests to feeds and models; answers are free', awake: 2, asleep: 0.1, account: 0 }, // prettier-ignore
  zonesGb: { what: 'GB between zones', why: 'database and cache stand in one zone, tasks in two', awake: 10, asleep: 0.5, account: 0 }, // prettier-ignore
  feedsGb: { what: 'GB through a NAT', why: 'feeds, pages, images', awake: 5, asleep: 0.5, account: 0 },
  endpointGb: { what: 'GB through each interface endpoint', why: 'prompts and answers', awake: 0.5, asleep: 0, account: 0 }, // prettier-ignore
  logsGb: { what: 'GB of logs to CloudWatch', why: 'containers, database, metrics', awake: 2, asleep: 0.2, account: 0 },
  vendedGb: { what: 'GB of flow and WAF logs to S3', why: 'rejected packets only', awake: 0.3, asleep: 0, account: 0 },
  objectsGb: {
    what: 'GB in S3',
    why: 'raw pages and outputs, log files, page, state',
    awake: 8,
    asleep: 0.5,
    account: 0.1,
  },
  backupsGb: { what: 'GB in S3, infrequent access', why: 'versions of backups', awake: 5, asleep: 0, account: 0 },
  putsThousand: { what: 'thousand S3 writes', why: 'pages and log files', awake: 40, asleep: 4, account: 1 },
  getsThousand: { what: 'thousand S3 reads', why: 'pages', awake: 50, asleep: 5, account: 1 },
  databaseBackupGb: { what: 'GB of automatic database backups', why: 'changes of the days that are kept', awake: 10, asleep: 2, account: 0 }, // prettier-ignore
  backupPlanGb: { what: 'GB of AWS Backup', why: 'the database, filled to a quarter, and its changes', awake: 10, asleep: 0, account: 0 }, // prettier-ignore
  cacheGb: { what: 'GB of a cache snapshot', why: 'queues hold ids only', awake: 0.1, asleep: 0.1, account: 0 },
  imagesGb: { what: 'GB of images in each repository', why: '20 images of 60 to 90 MB on one base', awake: 0, asleep: 0, account: 1.5 }, // prettier-ignore
  secretCalls10k: { what: 'ten thousand secret reads', why: 'at the start of a task and after a rotation', awake: 0.2, asleep: 0.05, account: 0 }, // prettier-ignore
  keyCalls10k: {
    what: 'ten thousand uses of a key of our own',
    why: 'with bucket keys',
    awake: 2,
    asleep: 0,
    account: 0,
  },
  metrics: { what: 'metrics that the services publish', why: 'docs/architecture.md', awake: 6, asleep: 6, account: 0 },
  mailsThousand: { what: 'thousand mails', why: 'alarms', awake: 0.1, asleep: 0.01, account: 0 },
  schedulesMillion: {
    what: 'million calls by the clock',
    why: 'start and stop',
    awake: 0.001,
    asleep: 0.001,
    account: 0,
  },
  builds: { what: 'builds', why: 'two for each release', awake: 0, asleep: 0, account: 8 },
  buildMinutes: { what: 'minutes of a build project, a build', why: 'types, lint, tests, images', awake: 0, asleep: 0, account: 12 }, // prettier-ignore
  releaseMinutes: { what: 'minutes of a project that releases, each release', why: 'staging, then five steps watched for ten minutes', awake: 0, asleep: 0, account: 80 }, // prettier-ignore
  pipelineMinutes: { what: 'minutes of pipeline actions, a build', why: 'build, deploy, shift; waiting for approval is free', awake: 0, asleep: 0, account: 90 }, // prettier-ignore
} as const satisfies Record<string, Assumption>

export type AssumptionName = keyof typeof table

export interface Usage extends Record<AssumptionName, number> {
  /** Hours a month that a sleeping environment is awake. */
  wakeHours: number | undefined
}

export function usageOf(kind: Kind, wakeHours?: number): Usage {
  const assumed = Object.entries(table).map(([name, assumption]) => [name, assumption[kind]])
  return { ...(Object.fromEntries(assumed) as Record<AssumptionName, number>), wakeHours }
}

export interface AssumptionRow {
  what: string
  why: string
  values: Record<Kind, number>
}

export const assumptions: AssumptionRow[] = Object.values(table).map(({ what, why, awake, asleep, account }) => ({
  what,
  why,
  values: { awake, asleep, account },
}))
