/** A document as text, and the WHATWG name of the encoding that it was read in. */
export type DecodedText = { text: string; encoding: string }

export type TextKind = 'xml' | 'html' | 'json'

/** The HTML standard looks at 1024 bytes for a declaration; real pages have it later. */
const prescanBytes = 4_096

/**
 * Decodes a fetched document. What decides, first to last: byte order mark, charset of the Content-Type,
 * the document's own declaration (XML prolog or meta), UTF-8, windows-1252. A declaration that the bytes contradict
 * is passed over: one that does not decode, and a one-byte label on bytes that are plainly UTF-8.
 * Labels are those of the WHATWG Encoding Standard; UTF-7 and others outside it are unknown. Never throws.
 */
export function decodeText(body: Uint8Array, contentType: string | undefined, kind: TextKind): DecodedText {
  const marked = markedEncoding(body, kind)
  if (marked !== undefined) return decodeAs(marked, body)

  const declared = [charsetOf(contentType), kind === 'json' ? undefined : declaredIn(body, kind)]
    .map((label) => canonical(label))
    .filter((encoding) => encoding !== undefined)
  const utf8 = tryDecode('utf-8', body)
  const isAscii = utf8?.text.length === body.length
  if (utf8 !== undefined && !isAscii && declared.every((encoding) => encoding === 'utf-8' || oneByte.test(encoding)))
    return utf8

  for (const encoding of declared) {
    const decoded = encoding === 'utf-8' ? utf8 : tryDecode(encoding, body)
    if (decoded !== undefined) return decoded
  }
  return utf8 ?? damagedUtf8(body) ?? decodeAs('windows-1252', body)
}

/** Encodings in which every byte is a character, so that nothing ever fails to decode. */
const oneByte = /^(?:windows-125\d|windows-874|iso-8859-.+|koi8-.|ibm866|macintosh|x-mac-cyrillic)$/

/** A byte order mark, or for XML the first two characters in UTF-16 (XML 1.0, appendix F). */
function markedEncoding(body: Uint8Array, kind: TextKind): string | undefined {
  const [a, b, c, d] = body
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8'
  if (a === 0xfe && b === 0xff) return 'utf-16be'
  if (a === 0xff && b === 0xfe) return 'utf-16le'
  if (kind !== 'xml') return undefined
  if (a === 0x3c && b === 0 && c === 0x3f && d === 0) return 'utf-16le'
  if (a === 0 && b === 0x3c && c === 0 && d === 0x3f) return 'utf-16be'
  return undefined
}

function charsetOf(contentType: string | undefined): string | undefined {
  return /;\s*charset\s*=\s*"?'?([^\s"';,]+)/i.exec(contentType ?? '')?.[1]
}

function declaredIn(body: Uint8Array, kind: TextKind): string | undefined {
  const head = Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, prescanBytes)).toString('latin1')
  const prolog = /^\s*<\?xml[^>]*?\sencoding\s*=\s*["']\s*([\w.:-]+)/i.exec(head)?.[1]
  const meta = kind === 'html' ? metaCharset(head.replace(/<!--.*?(?:-->|$)/gs, '')) : undefined
  const label = meta ?? prolog
  // It was read as ASCII, so it cannot be UTF-16 (HTML standard, prescan, step 2.13.7).
  return label !== undefined && /^utf-?16/i.test(label) ? 'utf-8' : label
}

function metaCharset(head: string): string | undefined {
  return /<meta\s[^>]*?\bcharset\s*=\s*["']?\s*([^\s"'/>;]+)/i.exec(head)?.[1]
}

function canonical(label: string | undefined): string | undefined {
  if (label === undefined) return undefined
  try {
    return new TextDecoder(label).encoding
  } catch {
    return undefined
  }
}

function tryDecode(encoding: string, body: Uint8Array): DecodedText | undefined {
  try {
    return { text: new TextDecoder(encoding, { fatal: true }).decode(body), encoding }
  } catch {
    return undefined
  }
}

function decodeAs(encoding: string, body: Uint8Array): DecodedText {
  return { text: new TextDecoder(encoding).decode(body), encoding }
}

/** UTF-8 with some broken characters, such as a cut one: more of its characters beyond ASCII are whole than broken. */
function damagedUtf8(body: Uint8Array): DecodedText | undefined {
  const decoded = decodeAs('utf-8', body)
  let [whole, broken] = [0, 0]
  for (const character of decoded.text) {
    if (character === '\ufffd') broken += 1
    else if (character > '\x7f') whole += 1
  }
  return whole > broken ? decoded : undefined
}
