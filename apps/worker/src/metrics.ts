import type { Config } from '@dayshift/domain/config'
import type { Context } from '@dayshift/domain/context'
import { measure, type Measures } from '@dayshift/domain/health'
import type { Metrics } from '@dayshift/metrics'
import type { JobRun } from '@dayshift/queue/bullmq'

export interface WorkerMetrics {
  onRun?: (run: JobRun) => void
  close(): Promise<void>
}

/** For tests: where the lines for CloudWatch go, and how often. */
interface EmfOutput {
  write?: (line: string) => void
  everyMs?: number
}

type Settings = Pick<Config, 'METRICS_PORT' | 'METRICS_EMF' | 'DEPLOYMENT' | 'HOST' | 'OPENING_HOURS'>

/** Serves the metrics of a worker to Prometheus and writes those for CloudWatch, each where the settings ask for it. */
export async function openWorkerMetrics(
  { METRICS_PORT, METRICS_EMF, DEPLOYMENT, HOST, OPENING_HOURS }: Settings,
  context: Context,
  { write = (line) => void process.stdout.write(line), ...timing }: EmfOutput = {},
): Promise<WorkerMetrics> {
  const closing: (() => unknown)[] = []
  const close = async (): Promise<void> => {
    for (const end of closing) await end()
  }
  if (METRICS_PORT === undefined && !METRICS_EMF) return { close }
  const { createMetrics, serveMetrics, startEmf } = await import('@dayshift/metrics')
  const onError = (error: unknown): void => context.log.warn({ err: error }, 'metrics could not be read')
  const read = (): Promise<Measures> => measure(context, { hours: OPENING_HOURS })
  if (METRICS_EMF) {
    const emf = startEmf({
      namespace: 'Dayshift',
      dimensions: { Environment: DEPLOYMENT },
      units: cloudWatchUnits,
      read: async () => toCloudWatch(await read()),
      write,
      onError,
      ...timing,
    })
    closing.push(emf.close)
  }
  if (METRICS_PORT === undefined) return { close }
  const metrics = createMetrics({ onError })
  metrics.measured(gauges, async () => toPrometheus(await read()))
  const server = await serveMetrics(metrics, { port: METRICS_PORT, host: HOST })
  closing.push(server.close)
  context.log.info({ metricsPort: server.port }, `metrics are served at port ${server.port}`)
  return { onRun: countRuns(metrics), close }
}

const DURATIONS_S = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 600]

function countRuns(metrics: Metrics): (run: JobRun) => void {
  const runs = metrics.counter('dayshift_job_runs_total', 'Tries of jobs in this process, by how they ended', [
    'job',
    'outcome',
  ])
  const durations = metrics.histogram('dayshift_job_duration_seconds', 'How long the tries took', {
    labels: ['job'],
    buckets: DURATIONS_S,
  })
  return ({ job, outcome, tookMs }) => {
    runs.add({ job, outcome })
    durations.observe({ job }, tookMs / 1000)
  }
}

const cloudWatchUnits = {
  QueueBacklog: 'Count',
  QueueAgeSeconds: 'Seconds',
  DeadJobs: 'Count',
  SourceCheckAgeSeconds: 'Seconds',
  BudgetUsedPercent: 'Percent',
} as const

/** The names and units that the alarms and the scaling of the deployment are written against. */
const toCloudWatch = (measures: Measures): Record<keyof typeof cloudWatchUnits, number> => ({
  QueueBacklog: measures.backlog,
  QueueAgeSeconds: measures.oldestDueS,
  DeadJobs: measures.deadJobs,
  SourceCheckAgeSeconds: measures.sourceCheckAgeS,
  BudgetUsedPercent: measures.budgetUsedRatio * 100,
})

const gauges = {
  dayshift_queue_backlog: 'Jobs whose time has come and that no process runs yet',
  dayshift_queue_age_seconds: 'Since the longest due of these should have run',
  dayshift_dead_jobs: 'Jobs that were given up',
  dayshift_source_check_age_seconds: 'Since a source was checked, as far as sources ought to be checked now',
  dayshift_model_cost_today_usd: 'Model calls of the present UTC day, unsettled ones at their worst case',
  dayshift_budget_used_ratio: 'Of the budget that is used up most, 1 is all of it',
}

const toPrometheus = (measures: Measures): Record<keyof typeof gauges, number> => ({
  dayshift_queue_backlog: measures.backlog,
  dayshift_queue_age_seconds: measures.oldestDueS,
  dayshift_dead_jobs: measures.deadJobs,
  dayshift_source_check_age_seconds: measures.sourceCheckAgeS,
  dayshift_model_cost_today_usd: measures.modelCostTodayUsd,
  dayshift_budget_used_ratio: measures.budgetUsedRatio,
})
