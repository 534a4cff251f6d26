import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { S3Refusal } from './s3-refusal.ts'

const CHECKSUMS = ['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256'] as const
export type ChecksumName = (typeof CHECKSUMS)[number]
export interface Checksum {
  name: ChecksumName
  /** Base64, as in the header `x-amz-checksum-<name>`. */
  value: string
}

const COMPUTE: Record<ChecksumName, (bytes: Uint8Array) => Buffer> = {
  crc32: (bytes) => toBytes(BigInt(crc32(bytes)), 4),
  // Castagnoli, RFC 3720 §12.1; NVM Express 64b CRC. Both reflected.
  crc32c: (bytes) => toBytes(crc(bytes, 0x82f63b78n, 32), 4),
  crc64nvme: (bytes) => toBytes(crc(bytes, 0x9a6c9329ac4bc9b5n, 64), 8),
  sha1: (bytes) => createHash('sha1').update(bytes).digest(),
  sha256: (bytes) => createHash('sha256').update(bytes).digest(),
}

export function checksumOf(name: ChecksumName, bytes: Uint8Array): string {
  return COMPUTE[name](bytes).toString('base64')
}

export function findChecksumName(text: string): ChecksumName | undefined {
  return CHECKSUMS.find((name) => name === text.toLowerCase())
}

/** The checksum that came with a request, in a header or in the trailer of its body, after it was verified. */
export function verifyChecksums(headers: ReadonlyMap<string, string>, bytes: Uint8Array): Checksum | undefined {
  const md5 = headers.get('content-md5')
  if (md5 !== undefined) verifyMd5(md5, bytes)
  const given = CHECKSUMS.flatMap((name) => {
    const value = headers.get(`x-amz-checksum-${name}`)
    return value === undefined ? [] : [{ name, value }]
  })
  if (given.length > 1) throw new S3Refusal('InvalidRequest', 'Expecting a single x-amz-checksum- header')
  const [checksum] = given
  const announced = headers.get('x-amz-sdk-checksum-algorithm')
  if (announced !== undefined && announced.toLowerCase() !== checksum?.name) {
    throw new S3Refusal('InvalidRequest', `${announced} is announced, but there is no x-amz-checksum- header of it`)
  }
  if (checksum && checksumOf(checksum.name, bytes) !== checksum.value) {
    throw new S3Refusal('BadDigest', `The ${checksum.name} you specified did not match the calculated checksum`)
  }
  return checksum
}

function verifyMd5(md5: string, bytes: Uint8Array): void {
  if (Buffer.from(md5, 'base64').length !== 16) throw new S3Refusal('InvalidDigest', 'The Content-MD5 is not valid')
  const actual = createHash('md5').update(bytes).digest('base64')
  if (actual !== md5) throw new S3Refusal('BadDigest', 'The Content-MD5 you specified did not match what we received')
}

function crc(bytes: Uint8Array, polynomial: bigint, width: 32 | 64): bigint {
  const ones = (1n << BigInt(width)) - 1n
  let value = ones
  for (const byte of bytes) {
    value ^= BigInt(byte)
    for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ polynomial : value >> 1n
  }
  return value ^ ones
}

function toBytes(value: bigint, length: number): Buffer {
  return Buffer.from(value.toString(16).padStart(length * 2, '0'), 'hex')
}
