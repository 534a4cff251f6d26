import type { NetworkSeams } from './connect.ts'
import { OutboundFailed } from './errors.ts'
import type { ExchangeLimits, GetOptions, OutboundResponse } from './request.ts'
import { checkUrl, createPolicy } from './url.ts'

export type OutboundLimits = ExchangeLimits & {
  /** For the resolver and for the dialling, each. */
  connectTimeoutMs: number
}

export type OutboundOptions = NetworkSeams & {
  /** Exact origins such as `http://127.0.0.1:8099`, allowed on every hop whatever their address. */
  allowOrigins?: readonly string[]
  /** Ports of every other origin; 80, 443, 8080 and 8443 unless told. */
  ports?: readonly number[]
  /** Admit 64:ff9b::/96 of public IPv4 addresses, for hosts behind NAT64. */
  nat64?: boolean
  userAgent?: string
  limits?: Partial<OutboundLimits>
}

/** The only way by which Dayshift speaks to foreign hosts. */
export type Outbound = {
  /** One GET, redirects followed by the same rules. Throws OutboundError, or the reason of `options.signal`. */
  get(url: string, options?: GetOptions): Promise<OutboundResponse>
  /** Applies the rules that need no network and gives the parsed address. Throws OutboundRefused. */
  check(url: string): URL
  /** Ends open exchanges with OutboundFailed `closed` and closes all connections. */
  close(): Promise<void>
}

const defaultLimits: OutboundLimits = {
  connectTimeoutMs: 5_000,
  headersTimeoutMs: 10_000,
  idleTimeoutMs: 10_000,
  totalTimeoutMs: 30_000,
  maxWireBytes: 10_000_000,
  maxBodyBytes: 20_000_000,
  maxRatio: 100,
  maxRedirects: 5,
}

/**
 * A client with a policy and a connection pool of its own. Addresses that are not public are refused on every hop,
 * at the moment of dialling. It takes no proxy: neither an option nor the environment can put one in its way.
 */
export function createOutbound(options: OutboundOptions = {}): Outbound {
  const policy = createPolicy(options)
  const { connectTimeoutMs, ...limits } = { ...defaultLimits, ...options.limits }
  const userAgent = options.userAgent ?? 'Dayshift/0.1'
  const closing = new AbortController()
  let opening: ReturnType<typeof open> | undefined

  // Loaded with the first get: the HTTP client costs a process 20 MB that may never ask for anything.
  async function open() {
    const [{ createAgent }, { get }] = await Promise.all([import('./connect.ts'), import('./request.ts')])
    const agent = createAgent(policy, connectTimeoutMs, options)
    return { agent, get, exchange: { policy, agent, userAgent, limits, closing: closing.signal } }
  }

  return {
    async get(url, getOptions = {}) {
      const { get, exchange } = await (opening ??= open())
      return get(exchange, url, getOptions)
    },
    check: (url) => checkUrl(url, policy),
    async close() {
      closing.abort(new OutboundFailed('closed', 'expected an open client, got one that is closed'))
      await (await opening)?.agent.destroy()
    },
  }
}
