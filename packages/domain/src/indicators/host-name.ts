import { domainToASCII, domainToUnicode } from 'node:url'
import { parse } from 'tldts'

export interface HostName {
  /** Lower case, without a trailing dot; an IDN in the form in which it was written. */
  name: string
  /** The part that somebody registered: `evil.co.uk` of `c2.evil.co.uk`. */
  registrable: string
  /** Reserved for examples and private networks (RFC 2606, RFC 6761, RFC 6762): nothing on the internet. */
  reserved: boolean
}

const reservedSuffixes = new Set([
  'test',
  'example',
  'invalid',
  'localhost',
  'local',
  'lan',
  'internal',
  'home',
  'corp',
  'localdomain',
])
/** Names outside the DNS that malware uses: I2P, Namecoin, EmerCoin and OpenNIC. Tor's is in the public suffix list. */
const otherRoots = new Set(['i2p', 'bit', 'emc', 'coin', 'lib', 'bazar', 'oss', 'libre', 'geek', 'pirate'])
const label = /^[\p{L}\p{N}_](?:[\p{L}\p{M}\p{N}_-]{0,61}[\p{L}\p{M}\p{N}_])?$/u

/** Reads a host name by the public suffix list; undefined when it is none. */
export function readHostName(written: string): HostName | undefined {
  const name = written.toLowerCase().replace(/\.$/, '').normalize('NFC')
  if (name.length > 253) return undefined
  const labels = name.split('.')
  const suffix = labels.at(-1) ?? ''
  if (labels.length < 2 || !labels.every((part) => label.test(part)) || /^\d+$/.test(suffix)) return undefined
  const { domain, isIcann, isPrivate } = parse(name, { extractHostname: false, allowPrivateDomains: true })
  const reserved = reservedSuffixes.has(suffix)
  if (!domain || !(isIcann || isPrivate || reserved || otherRoots.has(suffix))) return undefined
  return { name, registrable: domain, reserved }
}

/** The other way to write an IDN (`xn--…` or in letters); undefined for a plain name. */
export function otherForm(name: string): string | undefined {
  const other = name.includes('xn--') ? domainToUnicode(name) : domainToASCII(name)
  return other && other !== name ? other : undefined
}
