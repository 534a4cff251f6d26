import { BlockList, isIPv4, isIPv6 } from 'node:net'

/** Not to be met on the internet: the special-purpose registries of IANA (RFC 6890), multicast and documentation. */
const special = new BlockList()
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  special.addSubnet(network, prefix, 'ipv4')
}
for (const [network, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['3fff::', 20],
] as const) {
  special.addSubnet(network, prefix, 'ipv6')
}
const globalUnicast = new BlockList()
globalUnicast.addSubnet('2000::', 3, 'ipv6')

/** An address of IPv4 or IPv6 in its canonical form (RFC 5952); undefined when it is none. */
export function readAddress(written: string): { kind: 'ipv4' | 'ipv6'; value: string } | undefined {
  if (isIPv4(written)) return { kind: 'ipv4', value: written }
  if (!isIPv6(written) || written.includes('%')) return undefined
  return { kind: 'ipv6', value: new URL(`http://[${written}]`).hostname.slice(1, -1) }
}

/** Whether nobody on the internet can have this address. */
export function isReserved({ kind, value }: { kind: 'ipv4' | 'ipv6'; value: string }): boolean {
  return kind === 'ipv4'
    ? special.check(value, 'ipv4')
    : !globalUnicast.check(value, 'ipv6') || special.check(value, 'ipv6')
}
