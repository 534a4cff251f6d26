import { createHmac, timingSafeEqual } from 'node:crypto'
import { findKeyFault } from '../checks.ts'
import { SignedUrlRefused } from '../errors.ts'
import type { SignOptions } from '../object-store.ts'

export interface SignedRequest {
  key: string
  method: 'GET' | 'PUT'
  expiresAt: Date
  downloadName?: string
}

interface Claim {
  key: string
  method: string
  /** Seconds since 1970. */
  expires: number
  downloadName: string | null
}

/** `<publicUrl>/<key>?expires=<s>&method=<GET|PUT>[&name=<file>]&signature=<HMAC-SHA256 over all of it>`. */
export function signUrl(secret: string, publicUrl: string, key: string, options: SignOptions, nowMs: number): string {
  const { method, expiresInS, downloadName = null } = options
  const claim = { key, method, expires: Math.floor(nowMs / 1000) + expiresInS, downloadName }
  const query = new URLSearchParams({ expires: String(claim.expires), method })
  if (downloadName !== null) query.set('name', downloadName)
  query.set('signature', signatureOf(secret, claim).toString('base64url'))
  const path = key.split('/').map(encodeURIComponent).join('/')
  return `${publicUrl.replace(/\/+$/, '')}/${path}?${query}`
}

/**
 * What a signed URL, whole or from its path on, grants to a request with this method.
 * Throws SignedUrlRefused; the reason `expired` is given only for a URL that once was good.
 */
export function verifyUrl(
  secret: string,
  publicUrl: string,
  url: string,
  method: string,
  nowMs: number,
): SignedRequest {
  const { claim, signature } = parse(url, publicUrl)
  const expected = signatureOf(secret, claim)
  if (signature.length !== expected.length || !timingSafeEqual(signature, expected))
    throw new SignedUrlRefused('invalid')
  if ((claim.method !== 'GET' && claim.method !== 'PUT') || claim.method !== method)
    throw new SignedUrlRefused('invalid')
  if (nowMs >= claim.expires * 1000) throw new SignedUrlRefused('expired')
  const { key, downloadName } = claim
  const expiresAt = new Date(claim.expires * 1000)
  return { key, method: claim.method, expiresAt, ...(downloadName !== null && { downloadName }) }
}

function parse(url: string, publicUrl: string): { claim: Claim; signature: Buffer } {
  const base = new URL(`${publicUrl.replace(/\/+$/, '')}/`)
  // Behind a proxy the host is another one; the signature stands for key and method, not for a host.
  const parsed = URL.canParse(url, base) ? new URL(url, base) : undefined
  if (!parsed?.pathname.startsWith(base.pathname)) throw new SignedUrlRefused('invalid')
  const query = parsed.searchParams
  const expires = query.get('expires') ?? ''
  // Without this, `expires=1e9` or a second `name` would say the same as what was signed.
  if (!/^\d{1,12}$/.test(expires) || new Set(query.keys()).size !== query.size) throw new SignedUrlRefused('invalid')
  const claim = {
    key: decodeKey(parsed.pathname.slice(base.pathname.length)),
    method: query.get('method') ?? '',
    expires: Number(expires),
    downloadName: query.get('name'),
  }
  return { claim, signature: Buffer.from(query.get('signature') ?? '', 'base64url') }
}

function decodeKey(path: string): string {
  try {
    const key = path.split('/').map(decodeURIComponent).join('/')
    if (!findKeyFault(key)) return key
  } catch {
    // Not percent-encoding: not a URL of ours.
  }
  throw new SignedUrlRefused('invalid')
}

function signatureOf(secret: string, { key, method, expires, downloadName }: Claim): Buffer {
  // JSON keeps the parts apart whatever is in them.
  return createHmac('sha256', secret)
    .update(JSON.stringify([method, key, expires, downloadName]))
    .digest()
}
