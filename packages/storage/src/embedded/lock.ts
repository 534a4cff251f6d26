import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'

/** Another process has the folder open. */
export class FolderLocked extends Error {
  override name = 'FolderLocked'
}

interface Holder {
  pid: number
  /** Clock ticks since boot at which the process started, on Linux; tells a process from a later one of the same pid. */
  startTime?: string
}

/** Field 22 of /proc/<pid>/stat (proc_pid_stat(5)); undefined where there is no /proc. */
function readStartTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field, the command in parentheses, may hold spaces; the third follows the last parenthesis.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}

function isAlive({ pid, startTime }: Holder): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it is there, and another user's.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  const now = readStartTime(pid)
  return startTime === undefined || now === undefined || now === startTime
}

/** The holder that the lock file names; undefined when it names none, because its writer was killed while writing. */
function readHolder(file: string): Holder | undefined {
  try {
    const { pid, startTime } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Holder>
    if (!Number.isSafeInteger(pid)) return undefined
    return { pid: Number(pid), ...(typeof startTime === 'string' && { startTime }) }
  } catch {
    return undefined
  }
}

const writingTakesMs = 2000

/**
 * Takes `file` as the lock of `folder`; the returned function gives it back. A lock whose process is gone is taken over.
 * Throws FolderLocked when its process is alive.
 */
export function lockFolder(folder: string, file = `${folder}.lock`): () => void {
  const startTime = readStartTime(process.pid)
  const mine = JSON.stringify({ pid: process.pid, ...(startTime !== undefined && { startTime }) })
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      writeFileSync(file, mine, { flag: 'wx' })
      return () => rmSync(file, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    removeStale(folder, file)
  }
  throw new FolderLocked(
    `The data folder ${folder} is being opened by several processes at once; start only one of them.`,
  )
}

function removeStale(folder: string, file: string) {
  const stat = statSync(file, { throwIfNoEntry: false })
  if (!stat) return
  const holder = readHolder(file)
  const held = holder ? isAlive(holder) : Date.now() - stat.mtimeMs < writingTakesMs
  if (held) {
    const who = holder ? `process ${holder.pid}` : 'a process that is just starting'
    throw new FolderLocked(`The data folder ${folder} is in use by ${who}; stop it, or choose another folder.`)
  }
  // Another process may have taken the stale lock over since we looked: only the file that was seen is removed.
  if (statSync(file, { throwIfNoEntry: false })?.ino === stat.ino) rmSync(file, { force: true })
}
