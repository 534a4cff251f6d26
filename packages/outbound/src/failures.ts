import { OutboundError, OutboundFailed, quote } from './errors.ts'
import type { FailureCode } from './errors.ts'

/** What each code of Node and undici means to a caller. */
const codes: Record<string, [FailureCode, string]> = {
  ENOTFOUND: ['dns', 'a name that resolves, got no such name'],
  EAI_AGAIN: ['dns', 'an answer from the resolver, got none'],
  ENODATA: ['dns', 'an address of the name, got none'],
  ECONNREFUSED: ['connect', 'a connection, got refused'],
  EHOSTUNREACH: ['connect', 'a connection, got no route to the host'],
  ENETUNREACH: ['connect', 'a connection, got no route to the network'],
  EADDRNOTAVAIL: ['connect', 'a connection, got an address that cannot be reached'],
  ETIMEDOUT: ['timeout', 'a connection, got no answer'],
  UND_ERR_CONNECT_TIMEOUT: ['timeout', 'a connection, got no answer'],
  ECONNRESET: ['reset', 'a whole response, got a closed connection'],
  EPIPE: ['reset', 'a whole response, got a closed connection'],
  UND_ERR_SOCKET: ['reset', 'a whole response, got a closed connection'],
  HPE_INVALID_EOF_STATE: ['reset', 'a whole response, got a closed connection'],
  UND_ERR_HEADERS_OVERFLOW: ['headers-too-big', 'at most 16384 bytes of headers, got more'],
  HPE_HEADER_OVERFLOW: ['headers-too-big', 'at most 16384 bytes of headers, got more'],
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: ['length-mismatch', 'as many bytes as Content-Length says, got another number'],
  UND_ERR_DESTROYED: ['closed', 'an open client, got one that is closed'],
  UND_ERR_CLOSED: ['closed', 'an open client, got one that is closed'],
}

const tlsCode =
  /^(?:ERR_TLS|ERR_SSL|EPROTO$|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH)/

/** Any error of an exchange with `host` as one of ours; the original is its cause. */
export function toOutboundError(error: unknown, host: string): OutboundError {
  if (error instanceof OutboundError) return error
  const code = codeOf(error)
  const [failure, expectation] = describe(code, error)
  return new OutboundFailed(failure, `expected ${expectation} (${host}, ${code || 'no code'})`, { cause: error })
}

function describe(code: string, error: unknown): [FailureCode, string] {
  const known = codes[code]
  if (known !== undefined) return known
  const text = quote(error instanceof Error ? error.message : String(error))
  if (tlsCode.test(code)) return ['tls', `a valid TLS certificate and handshake, got ${text}`]
  if (/^HPE_|^HTTPParserError$/.test(code)) return ['protocol', `an HTTP response, got ${text}`]
  return ['connect', `an exchange, got ${text}`]
}

/** The name stands in for a code: some parser errors of undici have none. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
