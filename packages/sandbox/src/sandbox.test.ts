import { setTimeout as after } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'

import { createSandbox, SandboxCrashed, SandboxOutOfMemory, SandboxTimeout } from './index.ts'
import type { Sandbox, SandboxOptions } from './index.ts'

const hostile = new URL('testing/hostile.ts', import.meta.url)
let sandbox: Sandbox

afterEach(() => sandbox.close())

function open(options: SandboxOptions = {}): Sandbox {
  sandbox = createSandbox({ threads: 1, heapMb: 64, timeoutMs: 5_000, ...options })
  return sandbox
}

test('gives what a function of a TypeScript module returns, promised or not', async () => {
  open()
  expect(await sandbox.run<number, number>(hostile, 'double', 21)).toBe(42)
  expect(await sandbox.run<Uint8Array, number>(hostile, 'countBytes', new Uint8Array(3))).toBe(3)
})

test.each(['loopForever', 'neverSettle'])('stops %s at its own time limit and goes on', async (name) => {
  open()
  const startMs = performance.now()
  await expect(sandbox.run(hostile, name, undefined, { timeoutMs: 300 })).rejects.toThrow(SandboxTimeout)
  expect(performance.now() - startMs).toBeGreaterThanOrEqual(299)
  expect(performance.now() - startMs).toBeLessThan(2_000)
  expect(await sandbox.run(hostile, 'double', 1)).toBe(2)
})

test('counts the time of a call from its start, not from its wait for a thread', async () => {
  open({ timeoutMs: 3_000 })
  const rests = Array.from({ length: 4 }, () => sandbox.run(hostile, 'rest', 1_600))
  expect(await Promise.all(rests)).toEqual(['rested', 'rested', 'rested', 'rested'])
})

test.each(['eatHeap', 'eatBuffers'])('stops %s at the memory limit and goes on', async (name) => {
  open()
  const beforeMb = process.memoryUsage().rss / 1e6
  await expect(sandbox.run(hostile, name, undefined)).rejects.toThrow(SandboxOutOfMemory)
  expect(process.memoryUsage().rss / 1e6 - beforeMb).toBeLessThan(600)
  expect(await sandbox.run(hostile, 'double', 1)).toBe(2)
})

test('says that a function left its thread, and goes on', async () => {
  open()
  await expect(sandbox.run(hostile, 'exit', undefined)).rejects.toThrow(SandboxCrashed)
  expect(await sandbox.run(hostile, 'double', 1)).toBe(2)
})

test('gives deep recursion as the RangeError that it is, on a thread that lives', async () => {
  open()
  await expect(sandbox.run(hostile, 'recurse', 0)).rejects.toMatchObject({ name: 'RangeError' })
  expect(await sandbox.run(hostile, 'double', 1)).toBe(2)
})

test('carries name, message and own properties of a thrown error', async () => {
  open()
  const error = await sandbox.run(hostile, 'reject', 'nested 300 deep').catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(Error)
  expect(error).toMatchObject({ name: 'Rejected', message: 'nested 300 deep', code: 'too-deep' })
  expect(error).not.toHaveProperty('callback')
  expect((error as Error).stack).toContain('hostile.ts')
  await expect(sandbox.run(hostile, 'throwText', 'plain')).rejects.toMatchObject({ name: 'Error', message: 'plain' })
})

test('names a missing function and a missing module', async () => {
  open()
  await expect(sandbox.run(hostile, 'absent', 1)).rejects.toThrow(
    /expected a function absent in .*hostile\.ts, got undefined/,
  )
  await expect(sandbox.run(new URL('absent.ts', hostile), 'x', 1)).rejects.toMatchObject({
    code: 'ERR_MODULE_NOT_FOUND',
  })
})

test('refuses an input and an output that cannot be copied', async () => {
  open()
  await expect(sandbox.run(hostile, 'double', () => 1)).rejects.toThrow(/could not be cloned/)
  await expect(sandbox.run(hostile, 'returnFunction', undefined)).rejects.toThrow(SandboxCrashed)
  expect(await sandbox.run(hostile, 'double', 1)).toBe(2)
})

test('shows a thread nothing of the environment', async () => {
  open()
  expect(await sandbox.run(hostile, 'environment', undefined)).toEqual([])
})

test('loses no other call when a thread is stopped', async () => {
  open({ threads: 2 })
  const stopped = ['loopForever', 'eatHeap', 'exit', 'eatBuffers'].map((name) =>
    sandbox.run(hostile, name, undefined, { timeoutMs: 400 }).catch((error: Error) => error.name),
  )
  const others = Array.from({ length: 40 }, (_, index) => sandbox.run<number, number>(hostile, 'double', index))
  expect(await Promise.all(others)).toEqual(Array.from({ length: 40 }, (_, index) => index * 2))
  for (const name of await Promise.all(stopped)) expect(name).toMatch(/^Sandbox/)
})

test('repeats a call whose thread dies of what the call before it left behind', async () => {
  open()
  expect(await sandbox.run(hostile, 'leaveBomb', undefined)).toBe('fine')
  expect(await sandbox.run(hostile, 'rest', 100)).toBe('rested')
})

test('keeps a thread between calls, and lets it go when idle', async () => {
  open({ idleTimeoutMs: 200 })
  const first = await sandbox.run(hostile, 'thread', undefined)
  expect(await sandbox.run(hostile, 'thread', undefined)).toBe(first)
  await after(600)
  expect(await sandbox.run(hostile, 'thread', undefined)).not.toBe(first)
})

test('ends running and waiting calls when it is closed, and takes no more', async () => {
  open()
  await sandbox.run(hostile, 'double', 1)
  const calls = [1, 2].map(() => sandbox.run(hostile, 'loopForever', undefined).catch((error: Error) => error.name))
  await after(50)
  await sandbox.close()
  expect(await Promise.all(calls)).toEqual(['SandboxCrashed', 'SandboxCrashed'])
  await expect(sandbox.run(hostile, 'double', 1)).rejects.toThrow(SandboxCrashed)
})

test('makes 500 small calls in well under a second', async () => {
  open({ threads: 2 })
  await Promise.all([sandbox.run(hostile, 'double', 0), sandbox.run(hostile, 'double', 0)])
  const startMs = performance.now()
  for (let index = 0; index < 500; index += 1) await sandbox.run(hostile, 'double', index)
  expect(performance.now() - startMs).toBeLessThan(1_000)
})
