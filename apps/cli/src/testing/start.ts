import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))

export interface Ended {
  status: number | null
  stdout: string
  stderr: string
  /** The last line of standard output. */
  lastLine: string
}

/** A folder that is gone when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dayshift-cli-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Starts the program as `npm start -- …` does, with nothing of our environment but what is given. */
export function start(
  args: string[],
  env: Record<string, string> = {},
): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const ended = once(child, 'close').then(([status]) => ({
    status: status as number | null,
    stdout,
    stderr,
    lastLine: stdout.trimEnd().split('\n').at(-1) ?? '',
  }))
  return { child, ended }
}

export const run = (args: string[], env?: Record<string, string>): Promise<Ended> => start(args, env).ended

/** Resolves with the lines printed so far as soon as one of them has `text`. */
export async function printed({ child, ended }: ReturnType<typeof start>, text: string): Promise<string> {
  let lines = ''
  const seen = new Promise<string>((resolve) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      lines += chunk.toString()
      if (lines.includes(text)) resolve(lines)
    })
  })
  const early = ended.then(({ stderr, stdout }) => {
    throw new Error(`ended before it printed "${text}":\n${stdout}\n${stderr}`)
  })
  return Promise.race([seen, early])
}
