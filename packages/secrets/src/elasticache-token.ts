import { createHash, createHmac } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'

interface Credentials {
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
}

export interface ElastiCacheTokenOptions {
  region: string
  /** Id of the replication group, in lower case. */
  cache: string
  /** User id, which IAM authentication wants to be the user name too. */
  user: string
  /** Default: those of the process, on ECS the task role's. */
  credentials?: () => Promise<Credentials>
  clock?: () => Date
}

const EXPIRES_IN_S = 900

/**
 * Makes the password with which `user` signs in to ElastiCache by IAM: a request that is signed and never sent. It opens
 * connections for 15 minutes; one that is open stays so for up to 12 hours.
 * Source: Amazon ElastiCache user guide, "Authenticating with IAM".
 */
export function createElastiCacheTokens(options: ElastiCacheTokenOptions): () => Promise<string> {
  const { region, cache, user, clock = () => new Date(), credentials = processCredentials() } = options
  const signer = new SignatureV4({ service: 'elasticache', region, credentials, sha256: Sha256 })
  return async () => {
    const request = {
      method: 'GET',
      protocol: 'http:',
      hostname: cache,
      path: '/',
      query: { Action: 'connect', User: user },
      headers: { host: cache },
    }
    const { query = {} } = await signer.presign(request, { signingDate: clock(), expiresIn: EXPIRES_IN_S })
    const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
    return `${cache}/?${pairs.join('&')}`
  }
}

function processCredentials(): () => Promise<Credentials> {
  let provider: (() => Promise<Credentials>) | undefined
  return async () => {
    const { defaultProvider } = await import('@aws-sdk/credential-provider-node')
    provider ??= defaultProvider()
    return provider()
  }
}

/** SHA-256 in the form that the signer asks for. */
class Sha256 {
  readonly #hash
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret))
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(data))
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }
  reset(): void {}
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data)
  return ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data)
}
