import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Program {
  /** From its start to the first 200 of /health. */
  startMs: number
  /** Processor time of all its threads until then; on a machine with nothing else to do, more than `startMs`. */
  processorMs: number
  /** Resident memory now, and the part of it that is not shared with files. */
  memory(): { rssMb: number; anonymousMb: number }
  log(): string
  /** SIGTERM, and what the process ends with. */
  stop(): Promise<number | null>
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

/** Starts node as the image's CMD does, with nothing of our environment, and waits for /health. */
export async function startProgram(
  folder: string,
  args: string[],
  env: Record<string, string>,
  port: number,
): Promise<Program> {
  const begun = performance.now()
  const child = spawn(process.execPath, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  const ended = once(child, 'close').then(([status]) => status as number | null)
  let status: number | null | undefined
  void ended.then((with_) => (status = with_))
  await untilHealthy(`http://127.0.0.1:${port}/health`, () => {
    if (status !== undefined) throw new Error(`Ended with ${status} before /health answered:\n${printed}`)
  })
  return {
    startMs: Math.round(performance.now() - begun),
    processorMs: processorMs(child.pid ?? 0),
    memory() {
      const text = readFileSync(`/proc/${child.pid}/status`, 'utf8')
      const mb = (name: string) => Math.round(Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(text)?.[1]) / 1024)
      return { rssMb: mb('VmRSS'), anonymousMb: mb('RssAnon') }
    },
    log: () => printed,
    async stop() {
      child.kill('SIGTERM')
      return ended
    },
  }
}

/** User and system time in proc(5)'s clock ticks, of which Linux has 100 a second. */
export function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/** Resolves with the first 200; `check` throws when it can no longer come. */
export async function untilHealthy(url: string, check: () => unknown, timeoutMs = 60_000): Promise<void> {
  const end = Date.now() + timeoutMs
  for (;;) {
    await check()
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.status === 200) return
    if (Date.now() > end) throw new Error(`${url} did not answer 200 within ${timeoutMs} ms.`)
    await sleep(5)
  }
}

/** Runs node to its end; throws with what it printed unless that went well. */
export async function runProgram(folder: string, args: string[], env: Record<string, string>): Promise<string> {
  const child = spawn(process.execPath, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  const [status] = (await once(child, 'close')) as [number | null]
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}:\n${printed}`)
  return printed
}
