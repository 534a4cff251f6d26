import { createDatabase, migrate, provision, type Provision } from '@dayshift/storage'
import { whereToSet } from '@dayshift/domain/config'
import { createLog } from './log.ts'
import { ADMINISTRATOR, awaitPostgres, openPostgres } from './logins.ts'
import { requireDatabase } from './parts.ts'
import { StartError } from './run-main.ts'
import type { Settings } from './settings.ts'

export interface MigratedOnce {
  /** `role@database`, where the settings have an administrator who made them. */
  prepared?: string
  /** The names of the migrations that were missing. */
  applied: string[]
}

/**
 * The migration as a program of its own, before web and worker: with an administrator makes role, database and extension,
 * then brings the database up to date as the role of the application. May be repeated, and by two at once.
 */
export async function migrateOnce(settings: Settings): Promise<MigratedOnce> {
  const { config, secrets } = settings
  const url = requireDatabase(settings, 'npm run migrate')
  const log = createLog(config.LOG_LEVEL)
  for (const hint of settings.hints) log.warn({}, hint)
  let prepared: string | undefined
  if (secrets.DATABASE_ADMIN_URL !== undefined) {
    const wanted = provisionOf(url, secrets.DATABASE_PASSWORD)
    const admin = await openPostgres(settings, log, ADMINISTRATOR)
    await awaitPostgres(admin, config, ADMINISTRATOR)
    await provision(admin, wanted)
    prepared = `${wanted.role}@${wanted.database}`
  }
  const postgres = await openPostgres(settings, log)
  await awaitPostgres(postgres, config)
  const { db, close } = createDatabase(postgres, { maxConnections: 1 })
  try {
    return { ...(prepared !== undefined && { prepared }), applied: await migrate(db) }
  } finally {
    await close()
  }
}

/** What the administrator shall make so that the URL of the application works. Throws StartError. */
function provisionOf(text: string, beside: string | undefined): Provision {
  const url = new URL(text)
  const role = decodeURIComponent(url.username)
  const database = decodeURIComponent(url.pathname.slice(1))
  const password = beside ?? decodeURIComponent(url.password)
  if (role === '' || database === '') {
    throw new StartError(
      `DATABASE_URL (value not shown): with DATABASE_ADMIN_URL expected postgres://role@host:5432/database, so that both can be made. ${whereToSet('DATABASE_URL')}`,
    )
  }
  if (password === '') {
    throw new StartError(
      `DATABASE_PASSWORD is missing: with DATABASE_ADMIN_URL expected the password that the role ${role} shall have. ${whereToSet('DATABASE_PASSWORD')}`,
    )
  }
  if (!/^[\x20-\x7e]+$/.test(password)) {
    throw new StartError(
      `DATABASE_PASSWORD (value not shown): expected printable ASCII characters, since others may be encoded differently. ${whereToSet('DATABASE_PASSWORD')}`,
    )
  }
  return { role, password, database }
}
