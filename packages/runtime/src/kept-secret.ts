import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** The random secret kept in a file that only its owner may read; made on the first call. */
export async function keptSecret(path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true })
  try {
    // `wx` fails when another process was first; then its secret is the one.
    const secret = randomBytes(32).toString('base64url')
    await writeFile(path, secret, { flag: 'wx', mode: 0o600 })
    return secret
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    return readFile(path, 'utf8')
  }
}
