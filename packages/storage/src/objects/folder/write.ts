import { randomUUID } from 'node:crypto'
import { link, lstat, mkdir, open, readdir, rename, rm, rmdir, unlink, type FileHandle } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { ObjectCorrupt, ObjectExists } from '../errors.ts'

/** Nobody writes one file for longer; what is older was left by a crash. */
const LEFTOVER_MS = 3600 * 1000
const PUBLISH_ATTEMPTS = 10

/** Writes a new file in `folder` and brings it to the disk; removes it when `fill` fails. Returns its path. */
export async function writeTemporary(folder: string, fill: (file: FileHandle) => Promise<void>): Promise<string> {
  const path = join(folder, `${process.pid}-${randomUUID()}`)
  const file = await open(path, 'wx', 0o600)
  try {
    await fill(file)
    await file.sync()
  } catch (error) {
    await file.close()
    await unlink(path)
    throw error
  }
  await file.close()
  return path
}

interface Publication {
  root: string
  temporary: string
  target: string
  key: string
  ifAbsent: boolean
}

/** Gives a temporary file its name: readers see the old object or the new one, also after a loss of power. */
export async function publish(publication: Publication): Promise<void> {
  try {
    for (let attempt = 1; ; attempt++) {
      await makeFolder(publication.root, dirname(publication.target), publication.key)
      try {
        await takeName(publication)
        break
      } catch (error) {
        // A delete removed the directory that it had emptied, just before the file came into it.
        if (codeOf(error) !== 'ENOENT' || attempt === PUBLISH_ATTEMPTS) throw error
      }
    }
  } catch (error) {
    await rm(publication.temporary, { force: true })
    throw error
  }
  await syncFolder(dirname(publication.target))
}

async function takeName({ temporary, target, key, ifAbsent }: Publication): Promise<void> {
  if (!ifAbsent) return rename(temporary, target)
  try {
    // Unlike rename, link fails when the name is taken; there is no moment between looking and doing.
    await link(temporary, target)
  } catch (error) {
    throw codeOf(error) === 'EEXIST' ? new ObjectExists(key) : error
  }
  await unlink(temporary)
}

/** Makes the directories between root and path, each on the disk before something is put into it. */
async function makeFolder(root: string, path: string, key: string): Promise<void> {
  if (path === root) return
  if (await isPlainFolder(path, key)) return checkFolders(root, path, key)
  await makeFolder(root, dirname(path), key)
  try {
    await mkdir(path)
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return
    if (codeOf(error) === 'ENOENT') return makeFolder(root, path, key)
    throw error
  }
  await syncFolder(dirname(path))
}

/** Throws ObjectCorrupt when a directory between root and path is a symbolic link or a file. */
export async function checkFolders(root: string, path: string, key: string): Promise<void> {
  const names = relative(root, path).split(sep)
  let folder = root
  for (const name of names) {
    folder = join(folder, name)
    if (!(await isPlainFolder(folder, key))) return
  }
}

async function isPlainFolder(path: string, key: string): Promise<boolean> {
  try {
    if ((await lstat(path)).isDirectory()) return true
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    throw error
  }
  throw new ObjectCorrupt(key, `${path} should be a directory, and not a symbolic link to one`)
}

/** Removes a file if it is there, and the directories that this leaves empty. */
export async function removeFile(root: string, path: string): Promise<void> {
  let folder = dirname(path)
  try {
    await unlink(path)
    await syncFolder(folder)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'ENOTDIR') throw error
  }
  while (folder !== root) {
    try {
      await rmdir(folder)
    } catch {
      // Not empty any more, or removed by another; an empty directory is also harmless.
      return
    }
    folder = dirname(folder)
  }
}

/** Removes the temporary files of writers that died. */
export async function removeLeftovers(folder: string, nowMs: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const stats = await lstat(path).catch(() => undefined)
    if (stats && stats.mtimeMs < nowMs - LEFTOVER_MS) await rm(path, { force: true, recursive: true })
  }
}

/** A name is on the disk only after its directory was synced. Windows opens no directories and needs none of this. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  let folder: FileHandle
  try {
    folder = await open(path, 'r')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return
    throw error
  }
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
