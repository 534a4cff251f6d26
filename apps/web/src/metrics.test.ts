import { createMemoryStore, createSessions } from '@dayshift/session'
import { expect, onTestFinished, test } from 'vitest'
import { openWebMetrics } from './metrics.ts'
import { SessionData } from './parts.ts'
import { collectingLog } from './testing/collecting-log.ts'

const data: SessionData = {
  accountId: '0198c0de-0000-7000-8000-000000000001',
  signedInBy: 'link',
  userAgent: 'test',
}
const none = { METRICS_PORT: undefined, METRICS_EMF: false, DEPLOYMENT: 'staging', HOST: '127.0.0.1' }

test('CloudWatch is told the sessions in use, as the scaling of the deployment expects them', async () => {
  const sessions = createSessions({ store: createMemoryStore(), schema: SessionData })
  for (const userId of ['ada', 'bob']) await sessions.create({ userId, data })
  const lines: string[] = []
  const output = { everyMs: 100, write: (line: string) => void lines.push(line) }
  const { metrics, close } = await openWebMetrics({ ...none, METRICS_EMF: true }, sessions, collectingLog().log, output)
  onTestFinished(close)
  expect(metrics).toBeUndefined()
  await expect.poll(() => lines.length).toBeGreaterThan(0)
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    _aws: {
      CloudWatchMetrics: [
        {
          Namespace: 'Dayshift',
          Dimensions: [['Environment']],
          Metrics: [{ Name: 'ActiveSessions', Unit: 'Count' }],
        },
      ],
    },
    Environment: 'staging',
    ActiveSessions: 2,
  })
})

test('without the settings nothing is written or served', async () => {
  const countActive = (): Promise<number> => Promise.reject(new Error('nobody asked'))
  const write = (): void => expect.fail('nobody asked')
  const output = { everyMs: 10, write }
  const { metrics, close } = await openWebMetrics(none, { countActive }, collectingLog().log, output)
  await new Promise((resolve) => setTimeout(resolve, 50))
  await close()
  expect(metrics).toBeUndefined()
})
