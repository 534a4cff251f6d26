import { acceptedEncodings } from './body.ts'
import { OutboundRefused, quote } from './errors.ts'

/** What a caller may say with a get, beside its limits. */
export type RequestHeaders = {
  /** Sent to the first origin only: they may hold secrets. */
  headers?: Record<string, string>
  /** Validators of an earlier response; sent to the first origin only. */
  etag?: string
  lastModified?: string
  accept?: string
}

/** Headers that decide where a message goes or where it ends are not the caller's. */
const reserved =
  /^(?:host|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|expect|content-length|accept-encoding|range)$/
const token = /^[!#$%&'*+.^_`|~0-9a-z-]+$/
// eslint-disable-next-line no-control-regex
const value = /^[\t\x20-\x7e\x80-\xff]*$/

/** The headers for a hop. `home`: the chain has not yet left its first origin. Throws OutboundRefused `header`. */
export function requestHeaders(request: RequestHeaders, userAgent: string, home: boolean): Record<string, string> {
  const headers: Record<string, string> = {
    'user-agent': userAgent,
    accept: request.accept ?? '*/*',
    'accept-encoding': acceptedEncodings,
  }
  if (!home) return headers
  if (request.etag !== undefined) headers['if-none-match'] = request.etag
  if (request.lastModified !== undefined) headers['if-modified-since'] = request.lastModified
  for (const [name, text] of Object.entries(request.headers ?? {})) headers[name.toLowerCase()] = text
  for (const [name, text] of Object.entries(request.headers ?? {})) checkHeader(name.toLowerCase(), text)
  return headers
}

/** As undici gives them: one string for each name, repeated headers joined as in RFC 9110 §5.3. */
export function responseHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, text]) => [
      name.toLowerCase(),
      Array.isArray(text) ? text.join(', ') : (text ?? ''),
    ]),
  )
}

/**
 * Retry-After of RFC 9110 §10.2.3, seconds or an HTTP-date, as milliseconds from `nowMs`; never negative.
 * Undefined when absent or neither.
 */
export function retryAfterMs(text: string | undefined, nowMs: number): number | undefined {
  const trimmed = text?.trim() ?? ''
  if (/^\d{1,9}$/.test(trimmed)) return Number(trimmed) * 1000
  if (!/^[A-Z][a-z]+,? /.test(trimmed)) return undefined
  // The obsolete asctime form names no zone; it is UTC by definition.
  const dateMs = Date.parse(trimmed.endsWith('GMT') ? trimmed : `${trimmed} GMT`)
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs)
}

/** Header bytes come as Latin-1; a Location with raw UTF-8 in it is read as UTF-8, like a browser does. */
export function locationOf(location: string | string[]): string {
  const first = Array.isArray(location) ? (location[0] ?? '') : location
  return Buffer.from(first, 'latin1').toString('utf8')
}

function checkHeader(name: string, text: string): void {
  if (!token.test(name) || reserved.test(name)) {
    throw new OutboundRefused('header', `expected a request header that a caller may set, got ${quote(name)}`)
  }
  if (!value.test(text)) {
    throw new OutboundRefused('header', `expected a value of one line for the header ${quote(name)}`)
  }
}
