import { createFolderObjects } from '../folder/folder-objects.ts'

/*
 * Writes `crash` over and over until it is killed: version n is the digit n % 10, 3 MiB times, in pieces. Prints
 * each version after it was stored.
 */
const [folder = ''] = process.argv.slice(2)
const objects = await createFolderObjects({ folder, signingSecret: 'x'.repeat(32), publicUrl: 'http://localhost/' })
const PIECE_BYTES = 64 * 1024

async function* pieces(digit: number) {
  for (let piece = 0; piece < 48; piece++) yield Buffer.alloc(PIECE_BYTES, `${digit}`)
}

for (let version = 1; ; version++) {
  await objects.put('crash', pieces(version % 10), { metadata: { version: `${version}` } })
  process.stdout.write(`${version}\n`)
}
