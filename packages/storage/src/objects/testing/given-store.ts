import { randomBytes } from 'node:crypto'
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { createS3Objects } from '../s3/s3-objects.ts'
import type { OpenStore } from './stores.ts'

export interface GivenStore {
  endpoint: string
  region: string
  credentials: { accessKeyId: string; secretAccessKey: string }
}

/** The S3 server that the environment names for tests; each test makes, and takes away, buckets of its own. */
export const givenStore = readGivenStore()

function readGivenStore(): GivenStore | undefined {
  const { TEST_S3_ENDPOINT, TEST_S3_REGION, TEST_S3_ACCESS_KEY_ID, TEST_S3_SECRET_ACCESS_KEY } = process.env
  if (!TEST_S3_ENDPOINT) return undefined
  if (!TEST_S3_ACCESS_KEY_ID || !TEST_S3_SECRET_ACCESS_KEY)
    throw new Error('TEST_S3_ENDPOINT needs TEST_S3_ACCESS_KEY_ID and TEST_S3_SECRET_ACCESS_KEY beside it.')
  const credentials = { accessKeyId: TEST_S3_ACCESS_KEY_ID, secretAccessKey: TEST_S3_SECRET_ACCESS_KEY }
  return { endpoint: TEST_S3_ENDPOINT, region: TEST_S3_REGION || 'us-east-1', credentials }
}

/** A client as the SDK makes it: checksums with every request and answer. */
export const givenClient = (given: GivenStore): S3Client => new S3Client({ ...given, forcePathStyle: true })

export async function makeTestBucket(client: S3Client): Promise<string> {
  const bucket = `dayshift-test-${randomBytes(6).toString('hex')}`
  await client.send(new CreateBucketCommand({ Bucket: bucket }))
  return bucket
}

/** Takes away the bucket with every version of every object in it. */
export async function removeTestBucket(client: S3Client, bucket: string): Promise<void> {
  for (let round = 0; ; round++) {
    const listed = await client.send(new ListObjectVersionsCommand({ Bucket: bucket }))
    const Objects = [...(listed.Versions ?? []), ...(listed.DeleteMarkers ?? [])].map(({ Key, VersionId }) => ({
      Key,
      ...(VersionId !== undefined && { VersionId }),
    }))
    if (Objects.length === 0) break
    const { Errors = [] } = await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects } }))
    const [error] = Errors
    if (error ?? round > 9) throw new Error(`The test bucket ${bucket} stays: ${JSON.stringify(error ?? Objects[0])}`)
  }
  await client.send(new DeleteBucketCommand({ Bucket: bucket }))
}

export async function openGivenStore(
  given: GivenStore,
  checksums: 'WHEN_REQUIRED' | 'WHEN_SUPPORTED',
): Promise<OpenStore> {
  const client = givenClient(given)
  const bucket = await makeTestBucket(client)
  const partSizeBytes = 5 * 1024 * 1024
  const objects = createS3Objects({ ...given, bucket, forcePathStyle: true, checksums, partSizeBytes })
  return {
    objects,
    differs: await knownDifferences(given),
    async damage(key) {
      const { Body, Metadata, ContentType } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
      const bytes = await Body!.transformToByteArray()
      bytes[0] = (bytes[0] ?? 0) ^ 1
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes, Metadata, ContentType }))
    },
    async countLeftovers() {
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))
      return Uploads.length
    },
    advance: () => {
      throw new Error('The clock of a given store cannot be moved.')
    },
    async close() {
      objects.close()
      await removeTestBucket(client, bucket)
      client.destroy()
    },
  }
}

const NO_SIGNATURES = 'moto does not check signatures'

/**
 * Stand-ins, by what their answers call the server, and how they were seen to differ from S3: moto 5.1.1, and the RADOS
 * gateway of Ceph 20.2 on SQLite. A store that people are given has no entry here.
 */
const KNOWN: { server: RegExp; differs: Record<string, string> }[] = [
  {
    server: /^Werkzeug/,
    differs: {
      'refuses {"cursor":"nonsense"}': 'moto answers a foreign continuation token with a page of HTML',
      'refuses {"cursor":"YWZ0ZXI6YS8vYg"}': 'moto answers a foreign continuation token with a page of HTML',
      'gets the object, under another name if asked': 'moto ignores response-content-disposition',
      'grants its method only': NO_SIGNATURES,
      'grants nothing when its key, name or a sign of its signature is altered': NO_SIGNATURES,
      'a presigned URL ends when it expires': NO_SIGNATURES,
      'keys that are wrong get nothing': NO_SIGNATURES,
      'takes no more than its policy allows': 'moto does not check the policy of a POST',
      'takes no other key, and no forged signature': NO_SIGNATURES,
      'an empty object has no range': 'moto answers a range of an empty object with the object',
      'the checksum that the SDK sends by default is kept, given back and checked': 'moto gives no checksum back',
      'CRC-64/NVME, which newer tools send, is kept': 'moto does not know CRC-64/NVME',
      'a body with another checksum than its own is refused': 'moto does not check checksums',
      'a stream, whose checksum follows it as a trailer, is stored without its framing':
        'moto removes the framing and yet keeps `aws-chunked` as the content encoding',
      'a put under a condition replaces the object it knows, and no other': 'moto ignores If-Match',
    },
  },
  {
    server: /^Ceph/,
    differs: {
      'CRC-64/NVME, which newer tools send, is kept': 'the gateway keeps no CRC-64/NVME on SQLite',
      'a body with another checksum than its own is refused': 'the gateway keeps a checksum without checking it',
      'a multipart upload is one object, of which a range across its parts can be read':
        'the gateway damages objects of several parts on SQLite',
      'a put under a condition replaces the object it knows, and no other': 'the gateway ignores conditions on SQLite',
      'the rules of a lifecycle are kept as they were put': 'the gateway gives an empty Filter back as a Prefix',
    },
  },
]

const REAL_CLOCK = {
  'ends when it expires': 'the clock of a given store cannot be moved; s3-given-store.test.ts waits',
}

export async function knownDifferences({ endpoint }: Pick<GivenStore, 'endpoint'>): Promise<Map<string, string>> {
  const server = (await fetch(endpoint)).headers.get('server') ?? ''
  const known = KNOWN.filter((one) => one.server.test(server))
  return new Map([REAL_CLOCK, ...known.map(({ differs }) => differs)].flatMap((differs) => Object.entries(differs)))
}
