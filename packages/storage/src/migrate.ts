import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { sql } from 'kysely'
import { type Db, inTransaction } from './database.ts'

export interface Migration {
  /** `0001-foundation`: four digits and a name. */
  name: string
  text: string
  sha256: string
}

/** The database is of another make than this program expects; nothing was changed. */
export class MigrationError extends Error {
  override name = 'MigrationError'
}

const folder = new URL('../migrations/', import.meta.url)
// Any number will do, it only has to be the same in every process ('dayshift' in ASCII, shortened).
const LOCK = 0x64617973

/** The migrations that this program brings, in order. */
export async function listMigrations(): Promise<Migration[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).toSorted()
  return Promise.all(
    files.map(async (file) => {
      const text = await readFile(new URL(file, folder), 'utf8')
      return { name: file.slice(0, -'.sql'.length), text, sha256: createHash('sha256').update(text).digest('hex') }
    }),
  )
}

/**
 * Brings the database up to date and returns the names of what was applied.
 * One transaction under an advisory lock: two processes may call it at once, and a failure changes nothing.
 * Throws MigrationError when an applied migration was edited, or when the database is newer than the program.
 */
export async function migrate(db: Db, migrations?: Migration[]): Promise<string[]> {
  const wanted = migrations ?? (await listMigrations())
  return inTransaction(db, async (tx) => {
    await sql`select pg_advisory_xact_lock(${LOCK})`.execute(tx)
    await sql`create table if not exists migration (
      name text primary key, sha256 text not null, applied_at timestamptz not null default now()
    )`.execute(tx)
    const { rows } = await sql<Migration>`select name, sha256 from migration order by name`.execute(tx)
    checkHistory(rows, wanted)
    const fresh = wanted.slice(rows.length)
    for (const { name, text, sha256 } of fresh) {
      await sql.raw(text).execute(tx)
      await sql`insert into migration (name, sha256) values (${name}, ${sha256})`.execute(tx)
    }
    return fresh.map(({ name }) => name)
  })
}

/**
 * Throws MigrationError unless the database has all that this program expects. Changes nothing. Returns the migrations that
 * are newer than the program: while colours change, and on the way back, the former version works on the newer database,
 * so a migration must leave standing what the version before it uses.
 */
export async function checkMigrated(db: Db, migrations?: Migration[]): Promise<string[]> {
  const wanted = migrations ?? (await listMigrations())
  const { rows: tables } = await sql<{ there: boolean }>`
    select to_regclass('migration') is not null as there`.execute(db)
  const { rows } = tables[0]?.there
    ? await sql<Migration>`select name, sha256 from migration order by name`.execute(db)
    : { rows: [] }
  checkHistory(rows.slice(0, wanted.length), wanted)
  const missing = wanted.slice(rows.length).map(({ name }) => name)
  if (missing.length === 0) return rows.slice(wanted.length).map(({ name }) => name)
  throw new MigrationError(
    `The database is not up to date: expected ${wanted.length} migrations, found ${rows.length}; ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing. Run the migration first: npm run migrate.`,
  )
}

function checkHistory(applied: Pick<Migration, 'name' | 'sha256'>[], wanted: Migration[]): void {
  for (const [index, { name, sha256 }] of applied.entries()) {
    const ours = wanted[index]
    if (!ours) {
      throw new MigrationError(
        `The database has migration ${name}, which this version of Dayshift does not know: it was written by a newer version. Start that version, or restore a backup made before the update.`,
      )
    }
    if (ours.name !== name || ours.sha256 !== sha256) {
      throw new MigrationError(
        `Migration ${name} in the database is not the ${ours.name} of this program: expected checksum ${ours.sha256.slice(0, 12)}, found ${sha256.slice(0, 12)}. An applied migration must never be edited; add a new one.`,
      )
    }
  }
}
