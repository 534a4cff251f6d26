import type { Indicator } from '../../api/answers.ts'

const addresses = new Set<Indicator['kind']>(['ipv4', 'ipv6', 'cidr', 'domain', 'url', 'email'])

/** An indicator in the form that nobody clicks by accident: `hxxps://evil[.]example/a.b`, `2001[:]db8::1`. */
export function defang({ kind, value }: Pick<Indicator, 'kind' | 'value'>): string {
  if (!addresses.has(kind)) return value
  if (kind === 'url') {
    const [, scheme = '', host = value, rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)?([^/?#]*)(.*)$/is.exec(value) ?? []
    return scheme.replace(/^http/i, 'hxxp') + defangHost(host) + rest
  }
  return defangHost(value)
}

/** One break is enough for an IPv6 address; every dot of a name is broken. */
const defangHost = (host: string): string =>
  host.includes('.') ? host.replaceAll('.', '[.]') : host.replace(':', '[:]')

export const kindNames: Record<Indicator['kind'], string> = {
  ipv4: 'IPv4',
  ipv6: 'IPv6',
  cidr: 'Networks',
  domain: 'Domains',
  url: 'URLs',
  email: 'E-mail addresses',
  md5: 'MD5',
  sha1: 'SHA-1',
  sha256: 'SHA-256',
  sha512: 'SHA-512',
  cve: 'CVE',
  asn: 'AS numbers',
  bitcoin: 'Bitcoin',
  ethereum: 'Ethereum',
  monero: 'Monero',
  'registry-key': 'Registry keys',
  'file-path': 'File paths',
  'file-name': 'File names',
  mutex: 'Mutexes',
  pipe: 'Pipes',
  'user-agent': 'User agents',
}

/** The indicators by kind, kinds in the order of `kindNames`. */
export function groupByKind(indicators: readonly Indicator[]): [kind: Indicator['kind'], of: Indicator[]][] {
  const groups = Map.groupBy(indicators, ({ kind }) => kind)
  const kinds = Object.keys(kindNames) as Indicator['kind'][]
  return kinds.flatMap((kind) => {
    const of = groups.get(kind)
    return of ? [[kind, of] as [Indicator['kind'], Indicator[]]] : []
  })
}
