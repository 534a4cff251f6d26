import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { startProcess, type TestProcess } from './testing/index.ts'

const main = fileURLToPath(new URL('testing/stopping-process.ts', import.meta.url))
const start = (kind: string): TestProcess => startProcess(main, { KIND: kind })

test('a process that is told to stop closes its parts, last opened first, and ends with status 0', async () => {
  const process = start('orderly')
  await process.says(/started/)
  const { status, output } = await process.stop()
  expect(status).toBe(0)
  expect(output).toBe('started\nsecond closed, stopping\nfirst closed, stopping\n')
})

test('Ctrl+C is the same', async () => {
  const process = start('orderly')
  await process.says(/started/)
  process.child.kill('SIGINT')
  expect(await process.ended).toMatchObject({ status: 0, output: expect.stringContaining('first closed') })
})

test('a process that is told to stop while it starts closes what is open and ends with status 0 in some seconds', async () => {
  const process = start('still starting')
  await process.says(/starting/)
  const { status, output, tookMs } = await process.stop()
  expect([status, output]).toEqual([0, 'starting\nclosed what was open\n'])
  expect(tookMs).toBeLessThan(4_000)
})

test('what a start opens while it is told to stop is closed, too', async () => {
  const process = start('start that notices')
  await process.says(/starting/)
  expect(await process.stop()).toMatchObject({
    status: 0,
    output: expect.stringContaining('closed what was opened late'),
  })
})

test('a start that fails because it is told to stop is no failure', async () => {
  const process = start('start that fails when it is stopped')
  await process.says(/starting/)
  expect(await process.stop()).toMatchObject({ status: 0, output: 'starting\n' })
})

test('a second signal ends it at once, with another status', async () => {
  const process = start('slow')
  await process.says(/started/)
  process.child.kill('SIGTERM')
  await process.says(/closing/)
  const { status, tookMs } = await process.stop()
  expect(status).toBe(1)
  expect(tookMs).toBeLessThan(1_000)
})

test('a part that never closes does not keep the process beyond its time, and that is said', async () => {
  const process = start('stuck')
  await process.says(/started/)
  const { status, output, tookMs } = await process.stop()
  expect(status).toBe(1)
  expect(output).toContain('dayshift: not all parts closed within 0.5 s; what was in hand')
  expect(tookMs).toBeGreaterThanOrEqual(490)
  expect(tookMs).toBeLessThan(2_000)
})

test('a part that fails to close is told of, and the others are closed all the same', async () => {
  const process = start('broken part')
  await process.says(/started/)
  const { status, output } = await process.stop()
  expect(status).toBe(0)
  expect(output).toContain('dayshift: a part did not close: the server is gone\nclosed the rest\n')
})

test('what cannot start says why in a line and ends with status 1', async () => {
  const { status, output } = await start('broken start').ended
  expect([status, output]).toEqual([1, 'dayshift: PORT=x: expected a port.\nclosed what was open\n'])
})

test('an error that nobody expected closes the parts and ends with status 1', async () => {
  const { status, output } = await start('broken later').ended
  expect(status).toBe(1)
  expect(output).toMatch(/nobody expected this[^]*closed what was open/)
})

test('a command that is done keeps its own status', async () => {
  expect(await start('command').ended).toMatchObject({ status: 3 })
})
