import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Config, Secrets } from '@dayshift/domain/config'
import type { Context, Log } from '@dayshift/domain/context'
import type { ModelListing } from '@dayshift/llm'
import { createOutbound } from '@dayshift/outbound'
import { createSandbox } from '@dayshift/sandbox'
import { checkMigrated, createDatabase, type Db, migrate, type PostgresServer, serverAt } from '@dayshift/storage'
import { createFolderObjects, type FolderObjects, type ObjectStore } from '@dayshift/storage/objects'
import type { Redis } from 'ioredis'
import { keptSecret } from './kept-secret.ts'
import { awaitPostgres, openPostgres, openRedis } from './logins.ts'
import { openModels } from './models.ts'
import type { Settings } from './settings.ts'

export interface OpenContext {
  context: Context
  /** What callers may ask by name. */
  models: ModelListing
  /** For connections besides those of the context. */
  postgres: PostgresServer
  /** Not connected; `duplicate` gives connections. Absent where Redis is not in the settings. */
  redis: Redis | undefined
  /** The folder store, whose signed links the web serves itself; absent with S3. */
  signedObjects?: FolderObjects
  /** Which parts run inside this process, for the line that is printed at start. */
  embedded: string[]
  close(): Promise<void>
}

/**
 * Opens what the work needs, as the settings say: with DATABASE_URL and S3_BUCKET the real services, without
 * them the embedded parts in the data folder. Each is chosen on its own. The database is brought up to date, or checked.
 */
export async function openContext(settings: Settings, log: Log): Promise<OpenContext> {
  const { config, secrets, hints } = settings
  for (const hint of hints) log.warn({}, hint)
  const closing: (() => Promise<unknown>)[] = []
  const close = async (): Promise<void> => {
    for (const end of closing.splice(0).toReversed()) await end()
  }
  try {
    const folder = resolve(config.DAYSHIFT_DATA)
    const embedded: string[] = []
    let postgres: PostgresServer
    if (secrets.DATABASE_URL === undefined) {
      // Loaded when needed: a container has no embedded database.
      const { openEmbeddedDatabase } = await import('@dayshift/storage/embedded')
      await mkdir(folder, { recursive: true })
      const database = await openEmbeddedDatabase({ folder: join(folder, 'postgres') })
      closing.push(() => database.close())
      postgres = serverAt(database.url)
      embedded.push('PostgreSQL (PGlite)')
    } else {
      postgres = await openPostgres(settings, log)
      await awaitPostgres(postgres, config)
    }
    const { db, close: closeDatabase } = createDatabase(postgres, {
      onIdleError: (error) => log.warn({ err: error }, 'a database connection broke; the pool replaces it'),
    })
    closing.push(closeDatabase)
    await bringUpToDate(db, config, log)

    const objects = await openObjects(config, secrets, folder)
    if (config.S3_BUCKET === undefined) embedded.push('objects (folder)')
    const redis = await openRedis(settings, log)
    const outbound = createOutbound({ allowOrigins: config.ALLOW_ORIGINS })
    closing.push(() => outbound.close())
    const sandbox = createSandbox()
    closing.push(() => sandbox.close())
    const clock = () => new Date()
    const { llm, models, parts, close: closeModels } = await openModels(settings, { db, objects, log, clock, redis })
    closing.push(closeModels)
    const context: Context = { db, objects, llm, outbound, sandbox, log, clock, ...parts }
    return {
      context,
      models,
      postgres,
      redis,
      embedded,
      close,
      ...('verifySignedUrl' in objects && { signedObjects: objects }),
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** Migrates the database, or where that is not ours to do says that it must be. Throws MigrationError. */
export async function bringUpToDate(db: Db, { MIGRATE_ON_START: own }: Config, log: Log): Promise<void> {
  if (!own) {
    const newer = await checkMigrated(db)
    if (newer.length > 0)
      log.warn({ newer }, 'the database is newer than this version, which goes on with what it knows')
    return
  }
  const applied = await migrate(db)
  if (applied.length > 0) log.info({ applied }, 'database brought up to date')
}

async function openObjects(config: Config, secrets: Secrets, folder: string): Promise<ObjectStore | FolderObjects> {
  if (config.S3_BUCKET !== undefined) {
    // Loaded when needed: the AWS SDKs cost a laptop 50 MB and a third of its start.
    const { createS3Objects } = await import('@dayshift/storage/s3')
    const { S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = secrets
    return createS3Objects({
      bucket: config.S3_BUCKET,
      region: config.AWS_REGION ?? 'us-east-1',
      ...(config.S3_ENDPOINT !== undefined && {
        endpoint: config.S3_ENDPOINT,
        forcePathStyle: true,
        ...(accessKeyId !== undefined &&
          secretAccessKey !== undefined && { credentials: { accessKeyId, secretAccessKey } }),
      }),
    })
  }
  const publicUrl = config.PUBLIC_URL ?? `http://${config.HOST}:${config.PORT}`
  return createFolderObjects({
    folder: join(folder, 'objects'),
    signingSecret: secrets.SIGNING_SECRET ?? (await keptSecret(join(folder, 'signing-secret'))),
    publicUrl: `${publicUrl}/objects`,
  })
}
