import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFolderObjects } from './folder-objects.ts'

const ROUNDS = 12
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'objects-crash-'))
})
afterAll(() => rm(folder, { recursive: true }))

const open = () => createFolderObjects({ folder, signingSecret: 'x'.repeat(32), publicUrl: 'http://localhost/' })

function startWriter(): ChildProcess {
  return fork(new URL('../testing/crash-writer.ts', import.meta.url), [folder], { silent: true, execArgv: [] })
}

/** Kills the writer somewhere in a later write; returns the last version that it said was stored. */
async function killWriter(writer: ChildProcess, delayMs: number): Promise<number> {
  let said = ''
  writer.stdout?.setEncoding('utf8').on('data', (text: string) => (said += text))
  await once(writer.stdout!, 'data')
  await new Promise((resolve) => setTimeout(resolve, delayMs))
  const closed = once(writer, 'close')
  writer.kill('SIGKILL')
  await closed
  return Number(said.trim().split('\n').at(-1))
}

test('a writer that is killed leaves the old object or the new one, whole', { timeout: 60_000 }, async () => {
  let torn = 0
  for (let round = 0; round < ROUNDS; round++) {
    const stored = await killWriter(startWriter(), 3 + round * 2.3)
    const objects = await open()
    const { bytes, metadata, sizeBytes } = await objects.get('crash')
    const version = Number(metadata.version)
    // Nothing that was said to be stored is lost; at most the write under way is there as well.
    expect([stored, stored + 1]).toContain(version)
    expect([sizeBytes, Buffer.from(bytes).equals(Buffer.alloc(3 * 1024 * 1024, `${version % 10}`))]).toEqual([
      3145728,
      true,
    ])
    expect((await objects.list()).objects.map(({ key }) => key)).toEqual(['crash'])
    torn += (await readdir(join(folder, 'tmp'))).length
    await objects.delete('crash')
    await rm(join(folder, 'tmp'), { recursive: true })
  }
  // Some of the kills came in the middle of a write, or this test has seen nothing.
  expect(torn).toBeGreaterThan(0)
})

test('what a killed writer left is removed an hour later', { timeout: 60_000 }, async () => {
  const tmp = join(folder, 'tmp')
  await killWriter(startWriter(), 0)
  let left = await readdir(tmp)
  for (let delayMs = 1; left.length === 0; delayMs++) {
    await killWriter(startWriter(), delayMs)
    left = await readdir(tmp)
  }
  await open()
  expect(await readdir(tmp)).toEqual(left)
  const past = new Date(Date.now() - 3601 * 1000)
  await Promise.all(left.map((name) => utimes(join(tmp, name), past, past)))
  await open()
  expect(await readdir(tmp)).toEqual([])
})
