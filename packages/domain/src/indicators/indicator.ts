import { z } from 'zod'

export const IndicatorKind = z.enum([
  'ipv4',
  'ipv6',
  'cidr',
  'domain',
  'url',
  'email',
  'md5',
  'sha1',
  'sha256',
  'sha512',
  'cve',
  'asn',
  'bitcoin',
  'ethereum',
  'monero',
  'registry-key',
  'file-path',
  'file-name',
  'mutex',
  'pipe',
  'user-agent',
])
export type IndicatorKind = z.output<typeof IndicatorKind>

/** One indicator of one article. `value` is refanged and normalised, `written` is as it stands at the offsets. */
export const Indicator = z.object({
  kind: IndicatorKind,
  value: z.string(),
  written: z.string(),
  startOffset: z.int(),
  endOffset: z.int(),
  occurrences: z.int(),
  defanged: z.boolean(),
})
export type Indicator = z.output<typeof Indicator>
