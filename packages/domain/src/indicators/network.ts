import { isReserved, readAddress } from './address.ts'
import { readFileName } from './file-name.ts'
import { type HostName, readHostName } from './host-name.ts'
import type { Match, Reading } from './match.ts'
import { referenceAddresses, referenceDomains } from './references.ts'
import { isVersion } from './version-number.ts'

// A comma or semicolon ends an address only when another one follows it.
const url =
  /(?<![\p{L}\p{N}])(?:https?|ftps?|sftp|wss?|tcp|udp|ldaps?|rmi|socks[45]?):\/\/(?:[^\s<>"“”‘’«»`{}|\\^,;]|[,;](?!\w{2,6}:\/\/))+/giu
const authority = /^([a-z\d]+):\/\/(?:[^/?#@]*@)?(\[[\da-f:.]+\]|[^/?#:]+)(?::\d{0,5})?(?=[/?#]|$)/i
const email = /(?<![\p{L}\p{N}._%+-])[a-z\d][a-z\d._%+-]{0,63}@([\p{L}\p{M}\p{N}_.-]+)/giu
const ipv4 = /(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\p{L}\p{N}_]|\.\d)(\/(?:3[0-2]|[12]?\d)(?![\d/]|\.\d))?/gu
const colonRun = /[\da-f:.]{3,}/gi
const mask6 = /^\/(?:12[0-8]|1[01]\d|\d?\d)(?![\d/]|\.\d)/
const nameRun = /[\p{L}\p{M}\p{N}_.-]{4,}/gu
const asciiRun = /[\w.-]{4,}/g
const wordless = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u
const path = /^\/(?![/\s])[^\s<>"“”‘’«»`{}|\\^]+/u

/** Top-level domains that end words of code more often than host names: too weak a sign when written plainly. */
const codeSuffixes = new Set(
  'call data date day foo get map name new next open play read save search select tab target zero'.split(' '),
)

const codeObjects = new Set(['this', 'self', 'window', 'document', 'console', 'process', 'module', 'e', 'obj'])

/** Addresses with a scheme. Trailing punctuation and unbalanced brackets belong to the sentence. */
export function* findUrls(reading: Reading): Generator<Match> {
  for (const { 0: run, index: start } of reading.text.matchAll(url)) {
    const written = trimEnd(run)
    const end = start + written.length
    const [head = '', scheme = '', host = ''] = authority.exec(written) ?? []
    const named = readHost(host)
    if (!named) continue
    const value = head.toLowerCase() === head ? written : written.replace(head, (head) => lowerHost(head, scheme, host))
    yield { kind: isReference(reading, named, start, end) ? 'reference' : 'url', value, start, end }
  }
}

const lowerHost = (head: string, scheme: string, host: string): string =>
  scheme.toLowerCase() + head.slice(scheme.length).replace(host, host.toLowerCase())

type Host = { name: HostName } | { address: { kind: 'ipv4' | 'ipv6'; value: string } }

function readHost(host: string): Host | undefined {
  const address = readAddress(host.replace(/^\[|\]$/g, ''))
  if (address) return { address }
  const name = readHostName(host)
  return name && { name }
}

/** Nobody defangs a harmless name, so what is defanged is always a finding. */
function isReference(reading: Reading, host: Host, start: number, end: number): boolean {
  if (reading.isDefanged(start, end)) return false
  if ('address' in host) return isReserved(host.address)
  const { registrable, reserved } = host.name
  return reserved || referenceDomains.has(registrable) || registrable === reading.publisher
}

/** E-mail addresses. */
export function* findEmails(reading: Reading): Generator<Match> {
  for (const { 0: run, 1: host = '', index: start } of reading.text.matchAll(email)) {
    const written = run.replace(/[._-]+$/, '')
    const name = readHostName(host.replace(/[._-]+$/, ''))
    if (!name) continue
    const end = start + written.length
    yield {
      kind: isReference(reading, { name }, start, end) ? 'reference' : 'email',
      value: written.toLowerCase(),
      start,
      end,
    }
  }
}

/** IPv4 and IPv6 addresses and networks. Plainly written reserved ones, resolvers and version numbers are none. */
export function* findAddresses(reading: Reading): Generator<Match> {
  let versionEnd = -1
  for (const { 0: run, 1: mask = '', index: start } of reading.text.matchAll(ipv4)) {
    const address = readAddress(run.slice(0, run.length - mask.length))
    const end = start + run.length
    if (!address) continue
    if (!reading.isDefanged(start, end)) {
      if (!mask && isVersion(reading.text, start, end, versionEnd)) {
        versionEnd = end
        continue
      }
      if (isReserved(address) || referenceAddresses.has(address.value)) continue
    }
    if (mask) yield { kind: 'cidr', value: address.value + mask, start, end }
    else yield withPath(reading, { ...address, start, end })
  }
  for (const { run, start } of colonRuns(reading.text)) {
    const address = readAddress(run)
    const mask = mask6.exec(reading.text.slice(start + run.length, start + run.length + 6))?.[0] ?? ''
    const end = start + run.length + mask.length
    if (address?.kind !== 'ipv6' || (isReserved(address) && !reading.isDefanged(start, end))) continue
    if (mask) yield { kind: 'cidr', value: address.value + mask, start, end }
    else yield { ...address, start, end }
  }
}

/** Runs that may be IPv6 addresses: at least two colons, no letter beside them; `IP:2001:…` begins after the colon. */
function* colonRuns(text: string): Generator<{ run: string; start: number }> {
  for (const { 0: whole, index } of text.matchAll(colonRun)) {
    if (whole.length > 60 || !/:.*:/.test(whole) || isLetter(text[index + whole.length])) continue
    const isLabelled = /^:[^:]/.test(whole)
    if (!isLabelled && isLetter(text[index - 1])) continue
    const run = whole
      .slice(isLabelled ? 1 : 0)
      .replace(/\.+$/, '')
      .replace(/(?<!:):$/, '')
    yield { run, start: index + (isLabelled ? 1 : 0) }
  }
}

const isLetter = (character: string | undefined): boolean => character !== undefined && /[\p{L}\p{N}_]/u.test(character)

/** Host names without a scheme, and file names, which look the same. */
export function* findNames(reading: Reading): Generator<Match> {
  let settledEnd = 0
  for (const { run, start } of nameRuns(reading.text)) {
    if (start < settledEnd) continue
    const end = start + run.length
    const isDefanged = reading.isDefanged(start, end)
    const fileName = readFileName(run)
    const host = readHostName(run)
    const isHost = host && (isDefanged || (!fileName && isPlainName(reading.text, run, start, end)))
    if (isHost) {
      if (isReference(reading, { name: host }, start, end)) yield { kind: 'reference', value: host.name, start, end }
      else {
        const match = withPath(reading, { kind: 'domain', value: host.name, start, end })
        settledEnd = match.end
        yield match
      }
    } else if (fileName && !/[\w/\\]/.test(reading.text[start - 1] ?? '')) yield { ...fileName, start, end }
  }
}

/** Runs of characters of names with a dot inside; a run that mixes a script without spaces with Latin is cut apart. */
function* nameRuns(text: string): Generator<{ run: string; start: number }> {
  for (const { 0: whole, index } of text.matchAll(nameRun)) {
    if (!whole.includes('.')) continue
    const parts = wordless.test(whole) && /[a-z]/i.test(whole) ? whole.matchAll(asciiRun) : [{ 0: whole, index: 0 }]
    for (const { 0: part, index: at } of parts) {
      for (const { 0: run, index: inPart } of part.matchAll(/[^.](?:[^.]|\.(?!\.))*/g)) {
        const trimmed = run.replace(/^-+/, '').replace(/[.-]+$/, '')
        if (trimmed.includes('.'))
          yield { run: trimmed, start: index + at + inPart + run.length - run.replace(/^-+/, '').length }
      }
    }
  }
}

/**
 * Whether a plainly written dotted word is a host name rather than code, a file, a class or a product. Host names are
 * written in lower case, or in capitals; only at the start of a sentence has one a capital of its own.
 */
function isPlainName(text: string, run: string, start: number, end: number): boolean {
  const labels = run.split('.')
  const suffix = labels.at(-1) ?? ''
  if (codeObjects.has(labels[0] ?? '') || codeSuffixes.has(suffix.toLowerCase()) || (labels.at(-2) ?? '').length < 2)
    return false
  if (/[@$%/\\#]/.test(text[start - 1] ?? '') || /[(\\]/.test(text[end] ?? '')) return false
  if (run === run.toLowerCase()) return true
  if (run === run.toUpperCase()) return suffix !== 'NET'
  const startsSentence = /(?:^|[\n\t.!?:•*-])\s*$/.test(text.slice(Math.max(0, start - 4), start))
  return startsSentence && run.slice(1) === run.slice(1).toLowerCase()
}

/** A defanged host with a path after it is an address whose scheme was left out. */
function withPath(reading: Reading, match: Match): Match {
  if (!reading.isDefanged(match.start, match.end)) return match
  const port = /^:\d{1,5}(?=\/)/.exec(reading.text.slice(match.end, match.end + 7))?.[0] ?? ''
  const after = match.end + port.length
  // `evil[.]com/evil[.]net` is a list of hosts, not a host and its path.
  const next = /^\/([^\s/]{1,253})/.exec(reading.text.slice(after, after + 254))?.[1] ?? ''
  if (!next || (readHostName(next) && !readFileName(next))) return match
  const rest = trimEnd(path.exec(reading.text.slice(after, after + 2000))?.[0] ?? '')
  if (rest.length < 2) return match
  return { kind: 'url', value: match.value + port + rest, start: match.start, end: after + rest.length }
}

const closing: Record<string, string> = { ')': '(', ']': '[' }

/**
 * Without the punctuation of the sentence around it: it ends before a closing bracket whose opening one is not inside.
 */
function trimEnd(run: string): string {
  const open: Record<string, number> = { '(': 0, '[': 0 }
  let end = 0
  for (; end < run.length; end += 1) {
    const character = run[end] ?? ''
    const opening = closing[character]
    if (character in open) open[character] = (open[character] ?? 0) + 1
    else if (opening !== undefined) {
      if (open[opening] === 0) break
      open[opening] = (open[opening] ?? 0) - 1
    }
  }
  while (end > 0 && ".,;:!?'*_…~".includes(run[end - 1] ?? '')) end -= 1
  return run.slice(0, end)
}
