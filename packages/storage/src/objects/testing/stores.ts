import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFolderObjects, type FolderObjects } from '../folder/folder-objects.ts'
import { toFileNames } from '../folder/file-names.ts'
import type { ObjectStore } from '../object-store.ts'
import { createS3Objects } from '../s3/s3-objects.ts'
import { givenStore, openGivenStore } from './given-store.ts'
import { startS3Fake } from './s3-fake.ts'
import { startSignedServer } from './signed-server.ts'

export interface OpenStore {
  objects: ObjectStore
  /** Changes the first stored byte behind the store's back. */
  damage(key: string): Promise<void>
  /** How many unfinished writes are kept somewhere. */
  countLeftovers(): Promise<number>
  /** Moves the clock that signed URLs are checked against. */
  advance(ms: number): void
  /** Tests that this store is known to fail, by name, with how it differs from S3. */
  differs?: ReadonlyMap<string, string>
  close(): Promise<void>
}

/** Every driver, in each form in which it is used; and the store of TEST_S3_ENDPOINT, when there is one. */
export const STORES: { name: string; open: () => Promise<OpenStore> }[] = [
  { name: 'folder', open: openFolder },
  { name: 'S3', open: () => openS3('WHEN_REQUIRED') },
  { name: 'S3 with CRC-32 checksums', open: () => openS3('WHEN_SUPPORTED') },
]
if (givenStore) {
  const given = givenStore
  STORES.push(
    { name: `S3 at ${given.endpoint}`, open: () => openGivenStore(given, 'WHEN_REQUIRED') },
    { name: `S3 at ${given.endpoint} with CRC-32 checksums`, open: () => openGivenStore(given, 'WHEN_SUPPORTED') },
  )
}

async function openFolder(): Promise<OpenStore> {
  const folder = await mkdtemp(join(tmpdir(), 'objects-'))
  let skewMs = 0
  let objects: FolderObjects | undefined
  const server = await startSignedServer(() => objects!)
  objects = await createFolderObjects({
    folder,
    signingSecret: 'a secret for tests, long enough now',
    publicUrl: server.url,
    now: () => Date.now() + skewMs,
  })
  return {
    objects,
    async damage(key) {
      const path = join(folder, 'objects', ...toFileNames(key))
      await writeFile(path, flip(await readFile(path)))
    },
    countLeftovers: async () => (await readdir(join(folder, 'tmp'))).length,
    advance: (ms) => void (skewMs += ms),
    async close() {
      await server.close()
      await rm(folder, { recursive: true })
    },
  }
}

async function openS3(checksums: 'WHEN_REQUIRED' | 'WHEN_SUPPORTED'): Promise<OpenStore> {
  let skewMs = 0
  const fake = await startS3Fake({ now: () => Date.now() + skewMs })
  const { endpoint, credentials } = fake
  const objects = createS3Objects({
    bucket: 'bucket',
    region: credentials.region,
    endpoint,
    forcePathStyle: true,
    credentials,
    checksums,
    partSizeBytes: 5 * 1024 * 1024,
  })
  const bucket = fake.buckets.get('bucket')!
  return {
    objects,
    async damage(key) {
      const object = bucket.objects.get(key)!
      object.bytes = flip(object.bytes)
    },
    countLeftovers: async () => bucket.uploads.size,
    advance: (ms) => void (skewMs += ms),
    async close() {
      objects.close()
      await fake.close()
    },
  }
}

function flip(bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes)
  changed[0] = (changed[0] ?? 0) ^ 1
  return changed
}
