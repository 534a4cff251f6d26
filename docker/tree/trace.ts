import { readdir, readFile, stat } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { nodeFileTrace } from '@vercel/nft'
import { type Contents, leftOut } from './contents.ts'

/** Something that our own code imports or names is not there. */
export class TraceError extends Error {
  override name = 'TraceError'
}

const LICENCE = /^(licen[cs]e|notice|copying)/i
const PACKAGE = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/

/**
 * The files below `root` that the programs of an image need, sorted, as relative paths: what their imports reach, the
 * files they name by `new URL(…, import.meta.url)`, what `contents` adds, and the licences of all packages.
 * Symbolic links of workspaces are entries of their own. Throws TraceError when our own code asks for what is missing.
 */
export async function traceFiles(root: string, { entries, also }: Contents): Promise<string[]> {
  const { fileList, warnings } = await nodeFileTrace(
    entries.map((entry) => join(root, entry)),
    {
      base: root,
      processCwd: root,
      // Also what a package reaches by `createRequire`.
      mixedModules: true,
      ignore: (path) => leftOut.some((start) => path.startsWith(start)),
      readFile: (path) => readWithoutTypes(path),
    },
  )
  const own = [...warnings].map(({ message }) => message).filter((message) => isOurs(message, root))
  if (own.length > 0) throw new TraceError(`The code of the image is not whole: ${own.join('\n')}`)
  const files = new Set(fileList)
  for (const path of also) for (const file of await listFiles(root, path)) files.add(file)
  for (const folder of packageFolders([...files])) for (const file of await listLicences(root, folder)) files.add(file)
  return [...files].sort()
}

/** The folders of the packages from the registry that `files` belong to, such as `node_modules/a/node_modules/@b/c`. */
export function packageFolders(files: string[]): string[] {
  const folders = files.map((file) => PACKAGE.exec(file)?.[0]).filter((folder) => folder !== undefined)
  return [...new Set(folders)].filter((folder) => !folder.startsWith('node_modules/@dayshift/')).sort()
}

/** The tracer reads JavaScript only. */
async function readWithoutTypes(path: string): Promise<string | null> {
  try {
    const text = await readFile(path, 'utf8')
    return path.endsWith('.ts') ? stripTypeScriptTypes(text) : text
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EISDIR')) return null
    throw error
  }
}

/** Packages ask for optional parts that are not installed; our own code does not. */
function isOurs(warning: string, root: string): boolean {
  const from = /loaded from (.+)$/m.exec(warning)?.[1]
  return from !== undefined && from.startsWith(root) && !from.includes('node_modules')
}

async function listFiles(root: string, path: string): Promise<string[]> {
  const found = await stat(join(root, path)).catch(() => undefined)
  if (!found) throw new TraceError(`Expected ${path} in ${root}. If it is built, build it first.`)
  if (!found.isDirectory()) return [path]
  const entries = await readdir(join(root, path), { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath, entry.name).slice(join(root, '/').length))
}

/** Licences travel with what they license; also those of our own packages, for data they bring. */
async function listLicences(root: string, folder: string): Promise<string[]> {
  const names = await readdir(join(root, folder)).catch(() => [])
  return names.filter((name) => LICENCE.test(name)).map((name) => `${folder}/${name}`)
}
