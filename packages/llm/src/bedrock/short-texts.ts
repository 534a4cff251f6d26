const SHORTER_THAN = 32
const PER_LENGTH = 8

/**
 * UTF-8 as text, for the SDK: every frame of an event stream repeats the names and values of its headers, and to compare
 * their few bytes with those of last time takes a fraction of decoding them.
 */
export function createTextReader(): (input: Uint8Array | string) => string {
  const known: ({ bytes: Uint8Array; text: string } | undefined)[] = []
  return (input) => {
    if (typeof input === 'string') return input
    const { length } = input
    if (length >= SHORTER_THAN) return decode(input)
    // The middle byte tells ":content-type" from ":message-type".
    const slot = length * PER_LENGTH + ((input[length >> 1] ?? 0) % PER_LENGTH)
    const last = known[slot]
    if (last && isSame(last.bytes, input)) return last.text
    const text = decode(input)
    known[slot] = { bytes: Uint8Array.from(input), text }
    return text
  }
}

const decode = ({ buffer, byteOffset, byteLength }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('utf8')

/** Of two of the same length. */
function isSame(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
