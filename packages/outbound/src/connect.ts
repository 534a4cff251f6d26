import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { LookupFunction, Socket } from 'node:net'
import { setTimeout as after } from 'node:timers/promises'
import { callbackify } from 'node:util'

import { Agent, buildConnector } from 'undici'

import { OutboundFailed, OutboundRefused } from './errors.ts'
import { checkAddress, unbracketed } from './url.ts'
import type { Policy } from './url.ts'

/** Where a connection goes: exactly these addresses may be dialled, `hostname` is for the certificate only. */
type DialTarget = {
  protocol: string
  hostname: string
  port: number
  addresses: readonly string[]
}

/** Every address of a name. */
type Resolve = (hostname: string) => Promise<readonly string[]>

/** Opens a socket to one of the addresses. */
type Dial = (target: DialTarget) => Promise<Socket>

/** Stands in for the network in tests. A `dial` vouches for the address that its socket really reached. */
export type NetworkSeams = { resolve?: Resolve; dial?: Dial }

const maxHeaderBytes = 16_384
const keepAliveTimeoutMs = 2_000
const connectionsPerOrigin = 8

/**
 * A connection pool of its own for one policy; close it with `destroy`. HTTP/1.1 only.
 * It reads no proxy setting from the environment: a proxy would dial in its place, where nothing here can check.
 */
export function createAgent(policy: Policy, connectTimeoutMs: number, seams: NetworkSeams = {}): Agent {
  return new Agent({
    connect: createConnector(policy, connectTimeoutMs, seams),
    allowH2: false,
    connections: connectionsPerOrigin,
    keepAliveTimeout: keepAliveTimeoutMs,
    maxHeaderSize: maxHeaderBytes,
    // The exchange has its own, exact timers.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
}

/** Asks the resolver once, refuses the name if any answer is not public, and dials exactly the checked addresses. */
function createConnector(policy: Policy, timeoutMs: number, seams: NetworkSeams): buildConnector.connector {
  const resolve = seams.resolve ?? resolveBySystem

  async function open(options: buildConnector.Options): Promise<Socket> {
    const hostname = unbracketed(options.hostname)
    const allowed = policy.allowOrigins.has(originOf(options))
    // A literal address never reaches a lookup hook, so it is checked here.
    const addresses = isIP(hostname)
      ? [hostname]
      : await within(resolve(hostname), timeoutMs, `an address of ${hostname}`)
    if (addresses.length === 0) throw new OutboundRefused('no-address', `expected an address for ${hostname}, got none`)
    if (!allowed) for (const address of addresses) checkAddress(address, policy, hostname)

    const port = Number(options.port || (options.protocol === 'https:' ? 443 : 80))
    const target = { protocol: options.protocol, hostname, port, addresses }
    const opening = seams.dial?.(target) ?? dialSystem(options, addresses, timeoutMs)
    const socket = await within(opening, timeoutMs, `a connection to ${hostname} port ${port}`)
    if (!allowed && seams.dial === undefined) checkPeer(socket, policy, hostname)
    return socket
  }

  const openThen = callbackify(open)
  return (options, callback) => {
    openThen(options, (error, socket) => (error === null ? callback(null, socket) : callback(error, null)))
  }
}

async function resolveBySystem(hostname: string): Promise<string[]> {
  const found = await lookup(hostname, { all: true })
  return found.map((entry) => entry.address)
}

/** undici's connector keeps the host name for SNI and the certificate; only the lookup is ours. */
function dialSystem(options: buildConnector.Options, addresses: readonly string[], timeoutMs: number): Promise<Socket> {
  const connect = buildConnector({
    allowH2: false,
    timeout: timeoutMs,
    rejectUnauthorized: true,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: 500,
    lookup: answering(addresses),
  })
  return new Promise((resolve, reject) => {
    connect(options, (error, socket) => (error === null ? resolve(socket) : reject(error)))
  })
}

function answering(addresses: readonly string[]): LookupFunction {
  const answers = addresses.map((address) => ({ address, family: isIP(address) }))
  return (_hostname, options, callback) => {
    if (options.all === true) callback(null, answers)
    else callback(null, answers[0]!.address, answers[0]!.family)
  }
}

/** Closes a connection that reached another place than the checked addresses promised. Throws OutboundRefused. */
export function checkPeer(socket: Pick<Socket, 'remoteAddress' | 'destroy'>, policy: Policy, hostname: string): void {
  try {
    checkAddress(socket.remoteAddress ?? 'nowhere', policy, hostname)
  } catch (error) {
    socket.destroy()
    throw error
  }
}

function originOf(options: buildConnector.Options): string {
  return new URL(`${options.protocol}//${options.host ?? options.hostname}`).origin
}

/** A socket that comes too late is closed, not leaked. */
async function within<Value>(work: Promise<Value>, timeoutMs: number, what: string): Promise<Value> {
  const timer = new AbortController()
  const late = after(timeoutMs, undefined, { signal: timer.signal }).then(() => {
    work.then(
      (value) => (value as Partial<Socket>).destroy?.(),
      () => undefined,
    )
    throw new OutboundFailed('timeout', `expected ${what} within ${timeoutMs} ms, got none`)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    late.catch(() => undefined)
    timer.abort()
  }
}
