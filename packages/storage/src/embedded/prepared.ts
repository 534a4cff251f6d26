import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const cache = fileURLToPath(new URL('../../../../node_modules/.cache/dayshift/', import.meta.url))

/** A name for what depends on `parts` and on the versions of PGlite and pgvector, which the manifest pins. */
function keyOf(...parts: unknown[]): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return createHash('sha256')
    .update(JSON.stringify([manifest, ...parts]))
    .digest('hex')
    .slice(0, 16)
}

/** Where the dump of a database made from `parts` is kept between test runs. */
export const dumpFile = (...parts: unknown[]): string => join(cache, `dump-${keyOf(...parts)}.tar`)

/** Where the folder of an empty database is kept: making one takes seconds and a gigabyte, copying it neither. */
export const preparedFolder = (): string => join(cache, `empty-${keyOf()}`)

export function findPrepared(): string | undefined {
  const folder = preparedFolder()
  return existsSync(join(folder, 'PG_VERSION')) ? folder : undefined
}

/** Keeps a dump. Another process may do the same meanwhile: whoever is last wins, with the same content. */
export async function keepDump(file: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const unfinished = `${file}.${randomBytes(4).toString('hex')}`
  await writeFile(unfinished, bytes)
  await rename(unfinished, file)
}
