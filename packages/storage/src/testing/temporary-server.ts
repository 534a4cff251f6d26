import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openServer, waitForServer, withClient } from '../server.ts'

/** A PostgreSQL server for one test file that asks for passwords and speaks TLS, as the shared one may not. */
export interface TemporaryServer {
  /** Of the superuser, on `localhost`, the name in the certificate. */
  url: string
  /** The authority of its certificate, a PEM file. */
  caFile: string
  /** Runs a statement as the superuser, in `postgres` unless another database is named. */
  run(statement: string, database?: string): Promise<Record<string, unknown>[]>
  /** Of another role, whose password may be left out, in `postgres` unless another database is named. */
  urlOf(role: string, password?: string, database?: string): string
  /** Starts the server again where it was; `stop` first. */
  start(): Promise<void>
  stop(): Promise<void>
  remove(): Promise<void>
}

const PLACES = '/usr/lib/postgresql'
const OPENSSL = '/usr/bin/openssl'
const binaries = (existsSync(PLACES) ? readdirSync(PLACES) : [])
  .filter((version) => existsSync(join(PLACES, version, 'bin', 'initdb')))
  .sort((a, b) => Number(b) - Number(a))
  .map((version) => join(PLACES, version, 'bin'))[0]

/** Whether this machine has what it takes: the programs of a PostgreSQL server in Debian's place, and openssl. */
export const canStartServer = binaries !== undefined && existsSync(OPENSSL)

export async function makeTemporaryServer(): Promise<TemporaryServer> {
  const folder = mkdtempSync(join(tmpdir(), 'dayshift-postgres-'))
  const identity = process.getuid?.() === 0 ? postgresUser() : undefined
  const own = (path: string): void => {
    if (identity) chownSync(path, identity.uid, identity.gid)
  }
  const run = (command: string, ...args: string[]): void => {
    const { status, stderr } = spawnSync(command, args, { cwd: folder, ...identity })
    if (status !== 0) throw new Error(`${command} failed: ${stderr.toString()}`)
  }
  own(folder)
  const password = 'of the superuser'
  writeFileSync(join(folder, 'password'), password)
  own(join(folder, 'password'))
  const data = join(folder, 'data')
  const init = ['-D', data, '-U', 'postgres', '-A', 'scram-sha-256', '--pwfile=password', '-E', 'UTF8', '--locale=C']
  run(join(binaries ?? '', 'initdb'), ...init, '--no-sync')
  const key = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  run(OPENSSL, ...key, '-subj', '/CN=Test authority', '-keyout', 'ca.key', '-out', 'ca.pem')
  const signed = [
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-subj',
    '/CN=localhost',
    '-addext',
    'subjectAltName=DNS:localhost',
  ]
  run(OPENSSL, ...key, ...signed, '-keyout', 'server.key', '-out', 'server.pem')

  const port = await freePort()
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'off',
    ssl: 'on',
    ssl_cert_file: join(folder, 'server.pem'),
    ssl_key_file: join(folder, 'server.key'),
  }
  const url = `postgres://postgres:${encodeURIComponent(password)}@localhost:${port}/postgres`
  let running: ReturnType<typeof spawn> | undefined

  async function stop(): Promise<void> {
    if (!running || running.exitCode !== null) return
    // A fast shutdown: who is connected is thrown out.
    running.kill('SIGINT')
    await once(running, 'exit')
  }

  async function start(): Promise<void> {
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const options = { stdio: 'ignore', ...identity } as const
    running = spawn(join(binaries ?? '', 'postgres'), ['-D', data, '-p', String(port), ...args], options)
    await waitForServer(await openServer(url), 20_000)
  }

  function urlOf(role: string, password = '', database = 'postgres'): string {
    const other = new URL(url)
    return Object.assign(other, { username: role, password, pathname: database }).href
  }

  async function query(statement: string, database = 'postgres'): Promise<Record<string, unknown>[]> {
    const server = await openServer(urlOf('postgres', password, database))
    return withClient(server, async (client) => (await client.query<Record<string, unknown>>(statement)).rows)
  }

  await start()
  return {
    url,
    run: query,
    urlOf,
    caFile: join(folder, 'ca.pem'),
    start,
    stop,
    async remove() {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A server refuses to run as root. */
function postgresUser(): { uid: number; gid: number } {
  const [, uid, gid] = /^postgres:[^:]*:(\d+):(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8')) ?? []
  if (uid === undefined || gid === undefined) throw new Error('There is no user postgres to run the server as.')
  return { uid: Number(uid), gid: Number(gid) }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}
