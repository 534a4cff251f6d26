import { describe, expect, test } from 'vitest'
import { duration, relativeTime } from './relative-time.ts'

const now = new Date('2026-11-21T12:00:00Z')
const from = (iso: string): string => relativeTime(new Date(iso), now, 'UTC')

describe('relative time', () => {
  test.each([
    ['2026-11-21T11:59:01Z', 'now'],
    ['2026-11-21T11:59:00Z', '1 min ago'],
    ['2026-11-21T11:00:01Z', '59 min ago'],
    ['2026-11-21T11:00:00Z', '1 h ago'],
    ['2026-11-20T12:00:01Z', '23 h ago'],
    ['2026-11-20T12:00:00Z', '1 d ago'],
    ['2026-11-14T12:00:01Z', '6 d ago'],
    ['2026-11-14T12:00:00Z', '14 Nov'],
    ['2025-12-31T23:59:59Z', '31 Dec 2025'],
    ['2026-11-21T12:30:00Z', 'in 30 min'],
    ['2026-11-23T12:00:00Z', 'in 2 d'],
  ])('%s is "%s"', (iso, words) => {
    expect(from(iso)).toBe(words)
  })

  test.each([
    [12.4, '12 ms'],
    [1340, '1.3 s'],
    [180_000, '3 min'],
  ])('%d ms last %s', (ms, words) => {
    expect(duration(ms)).toBe(words)
  })
})
