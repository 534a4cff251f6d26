import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const START_MS = 30_000
const READ_MS = 60_000

export interface Dayshift {
  /** The one-time sign-in link as it is printed. */
  link: string
  url: string
  stop: () => Promise<void>
}

/** `npm start` in a folder of its own, on a free port, with the sample reports and no source outside. */
export async function startDayshift(): Promise<Dayshift> {
  const data = await mkdtemp(join(tmpdir(), 'dayshift-walk-'))
  const child = spawn(process.execPath, ['apps/cli/src/main.ts', '--data', data], {
    cwd: root,
    env: { PATH: process.env['PATH'], PORT: '0', DEFAULT_SOURCES: 'false' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await ended
    await rm(data, { recursive: true, force: true })
  }
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (printed += text))
  const deadline = Date.now() + START_MS
  for (;;) {
    const link = /http\S+\/sign-in#\S+/.exec(printed)?.[0]
    if (link !== undefined) return { link, url: new URL(link).origin, stop }
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop()
      throw new Error(`Dayshift printed no sign-in link:\n${printed}`)
    }
    await pause()
  }
}

/** Waits until every job is done. `get` asks the API as somebody who is signed in. */
export async function untilRead(get: (path: string) => Promise<unknown>): Promise<void> {
  const deadline = Date.now() + READ_MS
  for (;;) {
    const { items } = (await get('/api/v1/jobs/counts')) as { items: { state: string; count: number }[] }
    if (items.length > 0 && items.every(({ state }) => state === 'done' || state === 'dead')) return
    if (Date.now() > deadline) throw new Error(`the jobs were not done in time: ${JSON.stringify(items)}`)
    await pause()
  }
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100))
