import { type Client, escapeIdentifier, escapeLiteral } from 'pg'
import { scramVerifier } from './scram.ts'
import { codeOf, type PostgresServer, withClient } from './server.ts'

export interface Provision {
  /** The role of the application, which owns the database. */
  role: string
  password: string
  database: string
}

/** The administrator may not do what is needed; the message says what and who may. */
export class ProvisionError extends Error {
  override name = 'ProvisionError'
}

// The same in every process ('dayprov' in ASCII, shortened).
const LOCK = 0x64617970
// https://www.postgresql.org/docs/current/errcodes-appendix.html
const INSUFFICIENT_PRIVILEGE = '42501'
const UNDEFINED_FILE = '58P01'

/**
 * Makes the role, its database and the extension `vector` where they are missing, and sets the password of the role.
 * The administrator needs CREATEROLE and CREATEDB, no superuser: the master user of Amazon RDS will do. May be repeated.
 * Throws ProvisionError, and RangeError for a password that is not ASCII.
 */
export async function provision(admin: PostgresServer, { role, password, database }: Provision): Promise<void> {
  const verifier = await scramVerifier(password)
  await withClient(admin, async (client) => {
    await client.query('select pg_advisory_lock($1)', [LOCK])
    await explained(
      `make the role ${role} or set its password: it needs CREATEROLE, and a role that others made must be granted to it with ADMIN OPTION`,
      () => ensureRole(client, role, verifier),
    )
    await explained(`make the database ${database} for ${role}: it needs CREATEDB`, () =>
      ensureDatabase(client, database, role),
    )
  })
  // A database whose extension is missing is connected to by the administrator: its owner may not install it.
  const there = { ...admin, options: { ...admin.options, database } }
  await withClient(there, (client) => ensureVector(client, database))
}

async function ensureRole(client: Client, role: string, verifier: string): Promise<void> {
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [role])
  const name = escapeIdentifier(role)
  await client.query(`${rowCount === 0 ? 'create' : 'alter'} role ${name} login password ${escapeLiteral(verifier)}`)
  // Who makes a role may not yet give it a database: from PostgreSQL 16 on it may administer, but not become it.
  const { rows } = await client.query<{ rolsuper: boolean }>(
    'select rolsuper from pg_roles where rolname = current_user',
  )
  if (!rows[0]?.rolsuper) await client.query(`grant ${name} to current_user`)
}

async function ensureDatabase(client: Client, database: string, role: string): Promise<void> {
  const { rows } = await client.query<{ owner: string; mine: boolean }>(
    'select pg_get_userbyid(datdba) as owner, pg_get_userbyid(datdba) = current_user as mine from pg_database where datname = $1',
    [database],
  )
  const [found] = rows
  const [name, owner] = [escapeIdentifier(database), escapeIdentifier(role)]
  if (!found) await client.query(`create database ${name} owner ${owner}`)
  // Such as the first database of an RDS instance. One of somebody else is left to them.
  else if (found.mine && found.owner !== role) await client.query(`alter database ${name} owner to ${owner}`)
}

async function ensureVector(client: Client, database: string): Promise<void> {
  try {
    await client.query('create extension if not exists vector')
  } catch (error) {
    if (codeOf(error) === INSUFFICIENT_PRIVILEGE) {
      throw new ProvisionError(
        `The administrator may not install the extension vector in the database ${database}. Expected a member of rds_superuser on Amazon RDS, else a superuser. Or let one run there: create extension vector`,
      )
    }
    if (codeOf(error) === UNDEFINED_FILE) {
      throw new ProvisionError(
        `The PostgreSQL server has no extension vector. Expected a server with pgvector: install it there, or choose an image that has it.`,
      )
    }
    throw error
  }
}

async function explained(what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (codeOf(error) !== INSUFFICIENT_PRIVILEGE) throw error
    throw new ProvisionError(`The administrator may not ${what}. PostgreSQL said: ${(error as Error).message}.`)
  }
}
