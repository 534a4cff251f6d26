import { BlockList, isIP } from 'node:net'

/**
 * IPv4 blocks that are not the public internet: the IANA special-purpose registry (RFC 6890 and its updates),
 * multicast and class E, and 168.63.129.16, the host agent of one cloud, which is reachable only from inside it.
 */
const special4 = blocks('ipv4', [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  '168.63.129.16/32',
])

/** The only IPv6 space in public use. A special block that IANA opens elsewhere is refused without an update. */
const global6 = blocks('ipv6', ['2000::/3'])

/** Teredo and the other protocol assignments, documentation, 6to4, AS112 and the returned test network. */
const special6 = blocks('ipv6', [
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '2620:4f:8000::/48',
  '3ffe::/16',
  '3fff::/20',
])

/** The well-known prefix of RFC 6052: the last 32 bits are an IPv4 address. */
const nat64Prefix = blocks('ipv6', ['64:ff9b::/96'])

/**
 * Whether an address as a resolver or a socket writes it belongs to the public internet.
 * `nat64` admits 64:ff9b::/96 where the IPv4 address inside is public. A zone id is never public.
 */
export function isPublicAddress(address: string, options: { nat64?: boolean } = {}): boolean {
  const family = isIP(address)
  if (family === 4) return !special4.check(address, 'ipv4')
  if (family !== 6 || address.includes('%')) return false
  if (nat64Prefix.check(address, 'ipv6')) {
    return options.nat64 === true && isPublicAddress(embeddedV4(address))
  }
  return global6.check(address, 'ipv6') && !special6.check(address, 'ipv6')
}

/** The last 32 bits of a 64:ff9b::/96 address, dotted; its canonical form has `::` right after the prefix. */
function embeddedV4(address: string): string {
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const groups = canonical.slice(canonical.indexOf('::') + 2).split(':')
  const [high, low] = [groups.at(-2), groups.at(-1)].map((group) => Number.parseInt(group || '0', 16))
  return [high! >> 8, high! & 255, low! >> 8, low! & 255].join('.')
}

function blocks(family: 'ipv4' | 'ipv6', prefixes: string[]): BlockList {
  const list = new BlockList()
  for (const prefix of prefixes) {
    const [network, bits] = prefix.split('/')
    list.addSubnet(network!, Number(bits), family)
  }
  return list
}
