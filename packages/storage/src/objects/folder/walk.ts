import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { findKeyFault } from '../checks.ts'
import { findEntry, type EntryKind } from './file-names.ts'

/** An object, or with a delimiter everything below one prefix. */
export type Found = { key: string; path: string } | { prefix: string }

interface Scope {
  prefix: Buffer
  /** Only what comes after these bytes. */
  after: Buffer
  /** Folders beyond the prefix are given as one prefix each. */
  rollUp: boolean
}

interface Node {
  kind: EntryKind
  path: string
  /** The bytes that this key, or every key below, begins with. */
  stem: Buffer
}

interface WalkOptions {
  prefix?: string | undefined
  after?: string | undefined
  rollUp?: boolean
}

/** The objects below `root` in the order of their keys' UTF-8 bytes; holds one directory of each level in memory. */
export function walk(root: string, { prefix = '', after = '', rollUp = false }: WalkOptions): AsyncGenerator<Found> {
  return walkFolder(root, Buffer.alloc(0), { prefix: Buffer.from(prefix), after: Buffer.from(after), rollUp })
}

async function* walkFolder(path: string, stem: Buffer, scope: Scope): AsyncGenerator<Found> {
  for (const node of await readNodes(path, stem)) {
    if (!mayHold(node, scope)) continue
    const isBeyond = node.kind === 'folder' && node.stem.length > scope.prefix.length
    if (node.kind === 'object') yield { key: node.stem.toString(), path: node.path }
    else if (!scope.rollUp || !isBeyond) yield* walkFolder(node.path, node.stem, scope)
    // An empty directory, left behind by a crash, is no prefix.
    else if (isAfter(node.stem, scope) && (await holdsObject(node))) yield { prefix: node.stem.toString() }
  }
}

async function holdsObject(folder: Node): Promise<boolean> {
  const everything = { prefix: Buffer.alloc(0), after: Buffer.alloc(0), rollUp: false }
  const { done } = await walkFolder(folder.path, folder.stem, everything).next()
  return !done
}

async function readNodes(path: string, stem: Buffer): Promise<Node[]> {
  const nodes = (await readNames(path)).flatMap((dirent): Node[] => {
    // Symbolic links and devices are neither.
    if (!dirent.isDirectory() && !dirent.isFile()) return []
    const entry = findEntry(dirent.name, dirent.isDirectory())
    if (!entry) return []
    const node = { kind: entry.kind, path: join(path, dirent.name), stem: Buffer.concat([stem, entry.bytes]) }
    return node.kind === 'object' && findKeyFault(node.stem.toString()) ? [] : [node]
  })
  return nodes.sort((a, b) => Buffer.compare(a.stem, b.stem))
}

async function readNames(path: string) {
  try {
    return await readdir(path, { withFileTypes: true })
  } catch (error) {
    // Another process emptied and removed the directory since its name was read.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}

function mayHold({ kind, stem }: Node, scope: Scope): boolean {
  if (kind === 'object') return startsWith(stem, scope.prefix) && isAfter(stem, scope)
  const mayMatch = startsWith(stem, scope.prefix) || startsWith(scope.prefix, stem)
  return mayMatch && (isAfter(stem, scope) || startsWith(scope.after, stem))
}

function isAfter(stem: Buffer, { after }: Scope): boolean {
  return Buffer.compare(stem, after) > 0
}

function startsWith(bytes: Buffer, start: Buffer): boolean {
  return bytes.subarray(0, start.length).equals(start)
}
