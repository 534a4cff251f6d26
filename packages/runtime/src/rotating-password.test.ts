import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createRotatingPassword } from './rotating-password.ts'

function makePassword() {
  const place = { value: 'one', reads: 0, broken: false, nowMs: 0 }
  const lines: unknown[] = []
  const log = {
    info: (...line: unknown[]) => void lines.push(line),
    warn: (...line: unknown[]) => void lines.push(line),
  }
  const read = async () => {
    place.reads += 1
    await sleep(5)
    if (place.broken) throw new Error('the place is away')
    return place.value
  }
  const password = createRotatingPassword({
    name: 'DATABASE_PASSWORD',
    first: 'one',
    read,
    log,
    now: () => place.nowMs,
  })
  return { place, password, lines }
}

test('ten connections that fail at once cause one reading, and all have the new password', async () => {
  const { place, password } = makePassword()
  place.value = 'two'
  await Promise.all(Array.from({ length: 10 }, () => password.renew('one')))
  expect([password.current(), place.reads]).toEqual(['two', 1])
  // One that began before with the old password needs no reading, it is there.
  place.nowMs = 60_000
  await password.renew('one')
  expect(place.reads).toBe(1)
})

test('a password that is simply wrong is read once in five seconds', async () => {
  const { place, password } = makePassword()
  for (let connects = 0; connects < 10; connects++) await password.renew('one')
  expect(place.reads).toBe(1)
  place.nowMs = 4_999
  await password.renew('one')
  expect(place.reads).toBe(1)
  place.nowMs = 5_000
  place.value = 'two'
  await password.renew('one')
  expect([password.current(), place.reads]).toEqual(['two', 2])
})

test('a place that is away leaves the password and is asked again later; no log has a password', async () => {
  const { place, password, lines } = makePassword()
  place.broken = true
  await password.renew('one')
  expect(password.current()).toBe('one')
  Object.assign(place, { broken: false, value: 'two', nowMs: 5_000 })
  await password.renew('one')
  expect(password.current()).toBe('two')
  expect(lines).toHaveLength(2)
  expect(JSON.stringify(lines)).not.toMatch(/"(one|two)"/)
})
