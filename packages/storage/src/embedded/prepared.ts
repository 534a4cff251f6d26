import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const cache = fileURLToPath(new URL('../../../../node_modules/.cache/dayshift/', import.meta.url))

/** The file for a dump that depends on `parts` and on the versions of PGlite and pgvector, which the manifest pins. */
export function cachedDump(...parts: unknown[]): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const key = createHash('sha256')
    .update(JSON.stringify([manifest, ...parts]))
    .digest('hex')
  return `${cache}database-${key.slice(0, 16)}.tar`
}

/** An empty database, made once at installation: making it takes seconds and a gigabyte, unpacking it neither. */
export function findPrepared(): string | undefined {
  const file = cachedDump('empty')
  return existsSync(file) ? file : undefined
}

/** Keeps a dump. Another process may do the same meanwhile: whoever is last wins, with the same content. */
export async function keepDump(file: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const unfinished = `${file}.${randomBytes(4).toString('hex')}`
  await writeFile(unfinished, bytes)
  await rename(unfinished, file)
}
