import { request } from 'undici'
import type { Agent, Dispatcher } from 'undici'

import { findDecoder, readBody, tooBig } from './body.ts'
import type { BodyLimits } from './body.ts'
import { createDeadline } from './deadline.ts'
import type { Deadline, TimeLimits } from './deadline.ts'
import { OutboundRefused } from './errors.ts'
import { toOutboundError } from './failures.ts'
import { locationOf, requestHeaders, responseHeaders, retryAfterMs } from './headers.ts'
import type { RequestHeaders } from './headers.ts'
import { checkUrl } from './url.ts'
import type { Policy } from './url.ts'

/** The caps of one get, over all its hops. */
export type ExchangeLimits = BodyLimits & TimeLimits & { maxRedirects: number }

export type GetOptions = RequestHeaders & { signal?: AbortSignal; limits?: Partial<ExchangeLimits> }

export type OutboundResponse = {
  status: number
  /** The last address of the chain, without a fragment. */
  url: string
  /** Lower-case names. */
  headers: Record<string, string>
  /** Decoded; in memory of its own. */
  body: Uint8Array
  /** Bytes of the body before decoding. */
  wireBytes: number
  /** Addresses that were redirected to, in order; the last one is `url`. */
  redirects: string[]
  /** Where to ask from now on: every hop was 301 or 308. */
  permanentRedirectTo?: string
  retryAfterMs?: number
  /** The answer to `etag` or `lastModified`: what the caller has is current. */
  notModified: boolean
}

/** Where and how an exchange is made; shared by all gets of a client. */
export type Exchange = { policy: Policy; agent: Agent; userAgent: string; limits: ExchangeLimits; closing: AbortSignal }

const redirectStatuses = new Set([301, 302, 303, 307, 308])
const permanentStatuses = new Set([301, 308])
const bodylessStatuses = new Set([204, 205, 304])

/** One GET with its redirects. Throws OutboundRefused, OutboundFailed, or the reason of the caller's signal. */
export async function get(exchange: Exchange, address: string, options: GetOptions): Promise<OutboundResponse> {
  const limits = { ...exchange.limits, ...options.limits }
  let url = checkUrl(address, exchange.policy)
  const outer = options.signal === undefined ? [exchange.closing] : [exchange.closing, options.signal]
  using deadline = createDeadline(limits, outer)
  const redirects: string[] = []
  let permanent = true
  let home = true

  try {
    for (;;) {
      const response = await send(exchange, url, requestHeaders(options, exchange.userAgent, home), deadline)
      const location = response.headers.location
      if (!redirectStatuses.has(response.statusCode) || location === undefined) {
        const body = await receive(response, limits, deadline)
        const validated = home && (options.etag ?? options.lastModified) !== undefined
        const headers = responseHeaders(response.headers)
        const retryAfter = retryAfterMs(headers['retry-after'], Date.now())
        return {
          status: response.statusCode,
          url: url.href,
          headers,
          ...body,
          redirects,
          ...(permanent && redirects.length > 0 ? { permanentRedirectTo: url.href } : {}),
          ...(retryAfter === undefined ? {} : { retryAfterMs: retryAfter }),
          notModified: response.statusCode === 304 && validated,
        }
      }
      discard(response)
      if (redirects.length >= limits.maxRedirects) {
        throw new OutboundRefused(
          'redirects',
          `expected at most ${limits.maxRedirects} redirects, got one more at ${url.host}`,
        )
      }
      const next = checkUrl(locationOf(location), exchange.policy, url)
      // Once the chain has left its first origin, a way back was chosen by a stranger.
      home &&= next.origin === url.origin
      permanent &&= permanentStatuses.has(response.statusCode)
      redirects.push(next.href)
      url = next
    }
  } catch (error) {
    if (deadline.signal.aborted) throw deadline.signal.reason
    throw toOutboundError(error, url.host)
  }
}

async function send(
  exchange: Exchange,
  url: URL,
  headers: Record<string, string>,
  deadline: Deadline,
): Promise<Dispatcher.ResponseData> {
  deadline.signal.throwIfAborted()
  deadline.requestSent()
  const response = await request(url, { dispatcher: exchange.agent, signal: deadline.signal, headers })
  deadline.received()
  return response
}

async function receive(
  response: Dispatcher.ResponseData,
  limits: ExchangeLimits,
  deadline: Deadline,
): Promise<{ body: Uint8Array; wireBytes: number }> {
  const { 'content-length': length, 'content-encoding': coding } = response.headers
  const bodyless = bodylessStatuses.has(response.statusCode)
  try {
    if (!bodyless && Number(length ?? 0) > limits.maxWireBytes) throw tooBig('transferred', limits.maxWireBytes)
    const decoder = bodyless ? undefined : findDecoder(coding?.toString())
    return await readBody(response.body, decoder, limits, () => deadline.received())
  } catch (error) {
    discard(response)
    throw error
  }
}

/** Closes the connection rather than read what nobody wants: its length is the other side's choice. */
function discard(response: Dispatcher.ResponseData): void {
  response.body.on('error', () => undefined).destroy()
}
