import { maintain } from '@dayshift/domain/health'
import { useTestContext } from '@dayshift/domain/testing'
import { enqueue, step } from '@dayshift/queue'
import { expect, onTestFinished, test } from 'vitest'
import { openWorkerMetrics } from './metrics.ts'

const open = useTestContext()
const none = {
  METRICS_PORT: undefined,
  METRICS_EMF: false,
  DEPLOYMENT: 'staging',
  HOST: '127.0.0.1',
  OPENING_HOURS: undefined,
}

test('CloudWatch is told what the alarms and the scaling of the deployment are written against', async () => {
  await enqueue(open().db, step(maintain, {}))
  const lines: string[] = []
  const output = { everyMs: 200, write: (line: string) => void lines.push(line) }
  const { close } = await openWorkerMetrics({ ...none, METRICS_EMF: true }, open(), output)
  onTestFinished(close)
  await expect.poll(() => lines.length).toBeGreaterThan(0)
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    _aws: {
      CloudWatchMetrics: [
        {
          Namespace: 'Dayshift',
          Dimensions: [['Environment']],
          Metrics: [
            { Name: 'QueueBacklog', Unit: 'Count' },
            { Name: 'QueueAgeSeconds', Unit: 'Seconds' },
            { Name: 'DeadJobs', Unit: 'Count' },
            { Name: 'SourceCheckAgeSeconds', Unit: 'Seconds' },
            { Name: 'BudgetUsedPercent', Unit: 'Percent' },
          ],
        },
      ],
    },
    Environment: 'staging',
    QueueBacklog: 1,
    DeadJobs: 0,
    SourceCheckAgeSeconds: 0,
    BudgetUsedPercent: 0,
  })
})

test('Prometheus finds the jobs of the process and the measures of the whole', async () => {
  const { onRun, close } = await openWorkerMetrics({ ...none, METRICS_PORT: 0 }, open())
  onTestFinished(close)
  const port = /served at port (\d+)/.exec(open().logged.join('\n'))?.[1]
  onRun?.({ job: 'source.poll', outcome: 'done', tookMs: 250 })
  onRun?.({ job: 'source.poll', outcome: 'later', tookMs: 1 })
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  expect(text).toContain('dayshift_job_runs_total{job="source.poll",outcome="done"} 1\n')
  expect(text).toContain('dayshift_job_runs_total{job="source.poll",outcome="later"} 1\n')
  expect(text).toContain('dayshift_job_duration_seconds_bucket{le="0.1",job="source.poll"} 1\n')
  expect(text).toContain('dayshift_job_duration_seconds_bucket{le="0.5",job="source.poll"} 2\n')
  expect(text).toMatch(/^dayshift_queue_backlog \d+$/m)
  expect(text).toMatch(/^dayshift_source_check_age_seconds 0$/m)
})
