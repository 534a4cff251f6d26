import { expect, test } from 'vitest'
import { readEvents, type JobEvent } from '../watch.ts'
import { toPayloads } from './announcer.ts'

const event = (id: number, more: Partial<JobEvent> = {}): JobEvent => ({
  type: 'progress',
  id: String(id),
  job: 'article.summarize',
  queue: 'model',
  ...more,
})

// NOTIFY: "the payload string must be shorter than 8000 bytes" (PostgreSQL manual).
test('events are packed into payloads that PostgreSQL takes, in order and none lost', () => {
  const events = Array.from({ length: 500 }, (_, id) => event(id, { progress: { title: 'é'.repeat(id) } }))
  const payloads = toPayloads(events)
  expect(Math.max(...payloads.map((payload) => Buffer.byteLength(payload)))).toBeLessThan(8_000)
  expect(payloads.flatMap(readEvents)).toEqual(events)
})

test('a long progress is left out and a long error is cut', () => {
  const [payload] = toPayloads([event(1, { progress: 'x'.repeat(9_000), error: '€'.repeat(9_000) })])
  expect(Buffer.byteLength(payload!)).toBeLessThan(8_000)
  expect(readEvents(payload!)).toEqual([event(1, { error: '€'.repeat(500) })])
})

test('a payload that is not ours has no events', () => {
  expect(readEvents('')).toEqual([])
  expect(readEvents('[{"type":"x"}]')).toEqual([])
})
