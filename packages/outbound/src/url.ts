import { isIP } from 'node:net'

import { isPublicAddress } from './addresses.ts'
import { OutboundRefused, quote } from './errors.ts'

/** What may be reached. Two different policies never share a connection. */
export type Policy = {
  /** Reached whatever their address, port or name; nothing else on the same host is. */
  allowOrigins: ReadonlySet<string>
  ports: ReadonlySet<number>
  nat64: boolean
}

const defaultPorts = [80, 443, 8080, 8443]
const maxUrlChars = 8_192

/** At least two labels of RFC 1123 (and `_`, which is in use), the last one with a letter; at most 253 characters. */
const hostName = /^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{0,62}[a-z][a-z0-9-]{0,62}$/

/** Special-use and habitual private top-level names: RFC 6761, 6762, 7686, 8375, 9476 and ICANN's `internal`. */
const privateName =
  /(?:^|\.)(?:localhost|local|internal|intranet|lan|home|corp|private|arpa|onion|alt|test|invalid|example)$/

/**
 * Makes a policy. Origins must be exact, such as `http://127.0.0.1:8099`.
 * Throws OutboundRefused `not-a-url` for anything with a path, credentials or another scheme.
 */
export function createPolicy(
  options: { allowOrigins?: readonly string[]; ports?: readonly number[]; nat64?: boolean } = {},
): Policy {
  return {
    allowOrigins: new Set((options.allowOrigins ?? []).map(parseOrigin)),
    ports: new Set(options.ports ?? defaultPorts),
    nat64: options.nat64 ?? false,
  }
}

/**
 * Parses an address, or a Location relative to `base`, and applies every rule that needs no network.
 * Rules look at what the URL parser made of the text, never at the text: it repairs much. Throws OutboundRefused.
 */
export function checkUrl(text: string, policy: Policy, base?: URL): URL {
  const url = parse(text, base)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new OutboundRefused('scheme', `expected an http or https address, got the scheme ${quote(url.protocol)}`)
  }
  if (url.username !== '' || url.password !== '') {
    throw new OutboundRefused('credentials', `expected an address without user name or password for ${url.hostname}`)
  }
  url.hash = ''
  if (policy.allowOrigins.has(url.origin)) return url
  const port = Number(url.port || (url.protocol === 'http:' ? 80 : 443))
  if (!policy.ports.has(port)) {
    throw new OutboundRefused('port', `expected port ${[...policy.ports].join(', ')} of ${url.hostname}, got ${port}`)
  }
  const host = unbracketed(url.hostname)
  if (isIP(host) === 0) checkName(host)
  else checkAddress(host, policy)
  return url
}

/** Throws OutboundRefused `address` unless the address is public under the policy. `host` is the name that led to it. */
export function checkAddress(address: string, policy: Policy, host = address): void {
  if (isPublicAddress(address, policy)) return
  const found = host === address ? quote(address) : `${quote(address)} for ${host}`
  throw new OutboundRefused('address', `expected a public address, got ${found}; allow the origin to reach it`)
}

/** `[::1]` as `::1`; everything else as it is. */
export function unbracketed(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '')
}

function checkName(host: string): void {
  const name = host.replace(/\.$/, '')
  if (!hostName.test(name)) {
    throw new OutboundRefused('name', `expected a full host name such as example.com, got ${quote(host)}`)
  }
  if (privateName.test(name)) {
    throw new OutboundRefused(
      'name',
      `expected a public host name, got ${quote(host)}, which is reserved for private use`,
    )
  }
}

function parse(text: string, base?: URL): URL {
  if (text.length > maxUrlChars) {
    throw new OutboundRefused(
      'not-a-url',
      `expected an address of at most ${maxUrlChars} characters, got ${text.length}`,
    )
  }
  const url = URL.parse(text, base)
  if (url === null) throw new OutboundRefused('not-a-url', `expected an http or https address, got ${quote(text)}`)
  return url
}

function parseOrigin(text: string): string {
  const url = URL.parse(text)
  const exact = url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`
  if (!exact) {
    throw new OutboundRefused(
      'not-a-url',
      `expected an allowed origin such as http://127.0.0.1:8099, got ${quote(text)}`,
    )
  }
  return url.origin
}
