import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { bringUpToDate, createLog, openPostgres, openSettings, runMain, StartError } from '@dayshift/runtime'
import { createDatabase, type Db } from '@dayshift/storage'

/**
 * Runs a command that only reads the database and ends: the one of DATABASE_URL, else the one in the data folder while
 * nobody works with it.
 */
export async function runReading(
  environment: Record<string, string | undefined>,
  read: (db: Db) => Promise<void>,
): Promise<void> {
  await runMain(async (closing) => {
    const settings = await openSettings(environment)
    const { config, secrets } = settings
    const log = createLog(config.LOG_LEVEL)
    const place =
      secrets.DATABASE_URL === undefined
        ? await openFolder(join(resolve(config.DAYSHIFT_DATA), 'postgres'), closing)
        : await openPostgres(settings, log)
    const { db, close } = createDatabase(place, { maxConnections: 1 })
    closing.push(close)
    await bringUpToDate(db, config, log)
    await read(db)
    for (const end of closing.splice(0).toReversed()) await end()
  })
}

async function openFolder(folder: string, closing: (() => Promise<unknown>)[]): Promise<string> {
  if (!existsSync(folder)) {
    throw new StartError(`There is no database at ${folder} yet. Set DATABASE_URL, or DAYSHIFT_DATA, to one that is.`)
  }
  const { openEmbeddedDatabase } = await import('@dayshift/storage/embedded')
  const { url, close } = await openEmbeddedDatabase({ folder })
  closing.push(close)
  return url
}

/** When something began that is said as `7d`, `12h`, or a date such as `2026-11-01` (UTC). Throws StartError. */
export function readSince(text: string, now: Date): Date {
  const [, count, unit] = /^(\d{1,5})([hd])$/.exec(text) ?? []
  if (unit !== undefined) return new Date(now.getTime() - Number(count) * (unit === 'h' ? 3_600_000 : 86_400_000))
  const date = /^\d{4}-\d\d-\d\d/.test(text) ? new Date(text) : undefined
  if (date === undefined || Number.isNaN(date.getTime())) {
    throw new StartError(`--since ${text}: expected hours or days such as 12h or 7d, or a date such as 2026-11-01.`)
  }
  return date
}
