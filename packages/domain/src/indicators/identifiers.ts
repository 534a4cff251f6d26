import { createHash } from 'node:crypto'
import type { Match, Reading } from './match.ts'

const cve = /(?<![\p{L}\p{N}])CVE[-‐‑–— _]?((?:19|20)\d\d)[-‐‑–—_](\d{4,19})(?!\d)/giu
const asn = /(?<![\p{L}\p{N}/.-])(?:AS(\d{3,10})|ASN[ :#]{0,2}(?:AS)?(\d{1,10}))(?![\p{L}\p{N}.]*\p{L})(?!\d)/gu
const word = /(?<![\p{L}\p{N}_])(?:0x)?[\dA-Za-z]{26,95}(?![\p{L}\p{N}_])/gu

/** CVE ids, in capitals. */
export function* findCves({ text }: Reading): Generator<Match> {
  for (const { 0: run, 1: year, 2: number, index: start } of text.matchAll(cve)) {
    yield { kind: 'cve', value: `CVE-${year}-${number}`, start, end: start + run.length }
  }
}

/** Numbers of autonomous systems as `AS64500`; AS400 is a computer. */
export function* findAsns({ text }: Reading): Generator<Match> {
  for (const { 0: run, 1: short, 2: long, index: start } of text.matchAll(asn)) {
    const number = Number(short ?? long)
    if (number === 0 || number > 0xff_ff_ff_ff || short === '400') continue
    yield { kind: 'asn', value: `AS${number}`, start, end: start + run.length }
  }
}

/** Wallets: Bitcoin with its checksum, Ethereum and Monero by their form. */
export function* findWallets({ text }: Reading): Generator<Match> {
  for (const { 0: value, index: start } of text.matchAll(word)) {
    const end = start + value.length
    if (isBitcoin(value))
      yield { kind: 'bitcoin', value: /^bc1/i.test(value) ? value.toLowerCase() : value, start, end }
    else if (/^0x[\da-f]{40}$/i.test(value) && /[a-f]/i.test(value.slice(2)))
      yield { kind: 'ethereum', value: value.toLowerCase(), start, end }
    else if (/^[48][\dAB][1-9A-HJ-NP-Za-km-z]{93}$/.test(value)) yield { kind: 'monero', value, start, end }
  }
}

const isBitcoin = (written: string): boolean =>
  /^bc1[\da-z]{11,71}$/.test(written) || /^BC1[\dA-Z]{11,71}$/.test(written)
    ? hasBech32Checksum(written.toLowerCase())
    : /^[13][1-9A-HJ-NP-Za-km-z]{25,34}$/.test(written) && hasBase58Checksum(written)

const bech32Digits = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'
const bech32Generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3]

/** The checksum of BIP 173 (version 0) or BIP 350 (later versions) over the human-readable part `bc`. */
function hasBech32Checksum(address: string): boolean {
  let checksum = 1
  const add = (digit: number) => {
    const top = checksum >>> 25
    checksum = ((checksum & 0x1ffffff) << 5) ^ digit
    for (const [bit, generator] of bech32Generator.entries()) if ((top >>> bit) & 1) checksum ^= generator
  }
  for (const digit of [3, 3, 0, 2, 3]) add(digit)
  for (const character of address.slice(3)) {
    const digit = bech32Digits.indexOf(character)
    if (digit < 0) return false
    add(digit)
  }
  return checksum === (address[3] === 'q' ? 1 : 0x2bc830a3)
}

const base58Digits = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/** 25 bytes whose last four begin the double SHA-256 of the others, with the version of a Bitcoin address (0 or 5). */
function hasBase58Checksum(address: string): boolean {
  let number = 0n
  for (const character of address) number = number * 58n + BigInt(base58Digits.indexOf(character))
  const hex = number.toString(16).padStart(50, '0')
  if (hex.length !== 50 || !/^0[05]/.test(hex)) return false
  const bytes = Buffer.from(hex, 'hex')
  const sha256 = (data: Buffer) => createHash('sha256').update(data).digest()
  return sha256(sha256(bytes.subarray(0, 21)))
    .subarray(0, 4)
    .equals(bytes.subarray(21))
}
