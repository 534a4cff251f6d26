import { describe, expect, test } from 'vitest'
import type { JobRecord } from '../api/answers.ts'
import { afterEvent, readJobEvent } from './job-event.ts'

const job: JobRecord = {
  id: '7',
  job: 'article.ingest',
  queue: 'fetch',
  state: 'sent',
  input: {},
  attempts: 1,
  progress: null,
  error: 'the try before failed',
  createdAt: '2026-11-21T12:00:00Z',
  runAt: '2026-11-21T12:00:00Z',
  startedAt: null,
  finishedAt: null,
}
const event = (type: string, more: object = {}) =>
  readJobEvent(JSON.stringify({ type, id: '7', job: 'article.ingest', queue: 'fetch', ...more }))

describe('events of jobs', () => {
  test.each([
    ['queued', 'waiting'],
    ['started', 'running'],
    ['progress', 'running'],
    ['retry', 'waiting'],
    ['done', 'done'],
    ['dead', 'dead'],
  ])('after "%s" the job is %s', (type, state) => {
    const told = event(type)
    expect(told && afterEvent(job, told).state).toBe(state)
  })

  test('progress and errors are taken over; what is done has no error', () => {
    const progress = event('progress', { progress: { done: 1, total: 2 } })
    expect(progress && afterEvent(job, progress)).toMatchObject({ progress: { done: 1, total: 2 }, error: job.error })
    const dead = event('dead', { error: 'no such host' })
    expect(dead && afterEvent(job, dead).error).toBe('no such host')
    const done = event('done')
    expect(done && afterEvent(job, done).error).toBeNull()
  })

  test.each(['', '{', 'null', '[]', '{"type":"toString","id":"7","job":"x"}', '{"type":"done"}'])(
    '%s is no event of ours',
    (message) => {
      expect(readJobEvent(message)).toBeUndefined()
    },
  )
})
