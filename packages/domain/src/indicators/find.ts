import { parse } from 'tldts'
import { findHashes } from './hashes.ts'
import { findPaths, findPipes, findRegistryKeys } from './host.ts'
import { findAsns, findCves, findWallets } from './identifiers.ts'
import type { Indicator, IndicatorKind } from './indicator.ts'
import type { Family, Match, Reading } from './match.ts'
import { findMutexes } from './mutexes.ts'
import { findAddresses, findEmails, findNames, findUrls } from './network.ts'
import { refangWithOffsets } from './refang.ts'
import { findUserAgents } from './user-agents.ts'

/** Families that compete for a place in the text; of two overlapping findings the earlier and longer one stays. */
const placed: Family[] = [
  findUrls,
  findEmails,
  findAddresses,
  findNames,
  findRegistryKeys,
  findPipes,
  findPaths,
  findMutexes,
  findUserAgents,
]
/** Families whose findings count wherever they stand: a hash in a link, a CVE in a file name. */
const anywhere: Family[] = [findHashes, findCves, findAsns, findWallets]

// An index entry of PostgreSQL holds 2,704 bytes; a longer value is no indicator that somebody looks up.
const MAXIMUM_VALUE_BYTES = 2000

/**
 * Every indicator of a text, once, in the order of its first mention. Offsets count UTF-16 units of `text`:
 * `text.slice(startOffset, endOffset) === written`. Time grows linearly with the text.
 *
 * What is written plainly and is no threat is left out: reserved addresses (private, loopback, documentation …) and
 * names, public resolvers, well-known sites, the publisher's own domain, version numbers, file names that only look
 * like domains. Nobody defangs a harmless name, so a defanged one is always found.
 */
export function findIndicators(
  text: string,
  { publisherUrl }: { publisherUrl?: string | undefined } = {},
): Indicator[] {
  const publisher =
    publisherUrl === undefined ? undefined : (parse(publisherUrl, { allowPrivateDomains: true }).domain ?? undefined)
  const reading: Reading = { ...refangWithOffsets(text), publisher }
  const settled = settle(placed.flatMap((family) => [...family(reading)]))
  const free = anywhere
    .flatMap((family) => [...family(reading)])
    .filter((match) => !isPartOfName(match, settled, reading.text))
  const found = new Map<string, Indicator>()
  for (const { kind, value, start, end } of [...settled, ...free].sort((a, b) => a.start - b.start || b.end - a.end)) {
    if (kind === 'reference' || Buffer.byteLength(value) > MAXIMUM_VALUE_BYTES) continue
    const defanged = reading.isDefanged(start, end)
    const key = `${kind} ${isCaseless(kind) ? value.toLowerCase() : value}`
    const known = found.get(key)
    if (known) {
      known.occurrences += 1
      known.defanged ||= defanged
      continue
    }
    const { start: startOffset, end: endOffset } = reading.original(start, end)
    const written = text.slice(startOffset, endOffset)
    found.set(key, { kind, value, written, startOffset, endOffset, occurrences: 1, defanged })
  }
  return [...found.values()]
}

/** Windows does not tell capitals apart in these. */
const isCaseless = (kind: IndicatorKind): boolean =>
  kind === 'registry-key' || kind === 'file-path' || kind === 'file-name' || kind === 'pipe'

/** Of overlapping matches the one that starts first, and of those the longest. */
function settle(matches: Match[]): Match[] {
  const settled: Match[] = []
  let end = -1
  for (const match of matches.sort((a, b) => a.start - b.start || b.end - a.end)) {
    if (match.start < end) continue
    settled.push(match)
    end = match.end
  }
  return settled
}

/** A hexadecimal label of a host name is no hash. */
function isPartOfName({ kind, start, end }: Match, settled: Match[], text: string): boolean {
  if (kind === 'cve') return false
  let low = 0
  let high = settled.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((settled[middle]?.start ?? 0) <= start) low = middle + 1
    else high = middle
  }
  const around = settled[low - 1]
  if (!around || around.end < end) return false
  if (around.kind === 'domain' || around.kind === 'email') return true
  if (around.kind !== 'url' && around.kind !== 'reference') return false
  const host = /^(?:\w+:\/\/)?[^/?#]*/.exec(text.slice(around.start, around.start + 300))?.[0].length ?? 0
  return start < around.start + host
}
