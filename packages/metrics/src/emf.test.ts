import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { emfLine, startEmf } from './index.ts'

const about = {
  namespace: 'Dayshift',
  dimensions: { Environment: 'staging' },
  units: { Backlog: 'Count', Age: 'Seconds' },
} as const

test('a line is one JSON object whose directive names its metrics, units and dimensions', () => {
  const line = emfLine({ ...about, values: { Backlog: 12, Age: 0.5 }, at: new Date(1_574_109_732_004) })
  // The shape of the example in "Specification: Embedded metric format", Amazon CloudWatch User Guide.
  expect(JSON.parse(line ?? '')).toEqual({
    _aws: {
      Timestamp: 1_574_109_732_004,
      CloudWatchMetrics: [
        {
          Namespace: 'Dayshift',
          Dimensions: [['Environment']],
          Metrics: [
            { Name: 'Backlog', Unit: 'Count' },
            { Name: 'Age', Unit: 'Seconds' },
          ],
        },
      ],
    },
    Environment: 'staging',
    Backlog: 12,
    Age: 0.5,
  })
  expect(line).not.toContain('\n')
})

test('what is not known, or no number of JSON, is in neither place', () => {
  const at = new Date(0)
  const line = JSON.parse(emfLine({ ...about, values: { Backlog: NaN, Age: 3 }, at }) ?? '')
  expect(line._aws.CloudWatchMetrics[0].Metrics).toEqual([{ Name: 'Age', Unit: 'Seconds' }])
  expect(Object.keys(line)).toEqual(['_aws', 'Environment', 'Age'])
  expect(emfLine({ ...about, values: { Backlog: undefined, Age: Infinity }, at })).toBeUndefined()
})

const everyMs = 200

function collect(read: () => Promise<{ Backlog: number; Age: number }>) {
  const lines: string[] = []
  const errors: string[] = []
  const emf = startEmf({
    ...about,
    read,
    everyMs,
    write: (line) => lines.push(line),
    onError: (error) => errors.push((error as Error).message),
  })
  onTestFinished(emf.close)
  const periods = (): number[] => lines.map((line) => Math.floor(JSON.parse(line)._aws.Timestamp / everyMs))
  return { emf, lines, errors, periods }
}

test('each period has exactly one line, and none follows the end', async () => {
  const { emf, lines, periods } = collect(() => Promise.resolve({ Backlog: 1, Age: 2 }))
  await sleep(5.6 * everyMs)
  emf.close()
  const found = periods()
  expect(found.length).toBeGreaterThanOrEqual(5)
  expect(found).toEqual(found.map((_, index) => (found[0] ?? 0) + index))
  expect(lines.every((line) => line.endsWith('}\n'))).toBe(true)
  const before = lines.length
  await sleep(2 * everyMs)
  expect(lines).toHaveLength(before)
})

test('a period that could not be read has no line, and the next ones have', async () => {
  let reads = 0
  const { errors, periods } = collect(async () => {
    reads += 1
    if (reads === 1) throw new Error('the database is away')
    if (reads === 2) await sleep(everyMs)
    return { Backlog: reads, Age: 0 }
  })
  await sleep(5.6 * everyMs)
  expect(errors).toEqual(['the database is away', 'The metrics were read too late for their minute.'])
  expect(new Set(periods()).size).toBe(periods().length)
  expect(periods().length).toBeGreaterThanOrEqual(2)
})
