import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Config, Secrets } from '@dayshift/domain/config'
import type { Context, Log } from '@dayshift/domain/context'
import type { ModelListing } from '@dayshift/llm'
import { createOutbound } from '@dayshift/outbound'
import { createSandbox } from '@dayshift/sandbox'
import { createDatabase, migrate } from '@dayshift/storage'
import { openEmbeddedDatabase } from '@dayshift/storage/embedded'
import { createFolderObjects, type FolderObjects, type ObjectStore } from '@dayshift/storage/objects'
import { keptSecret } from './kept-secret.ts'
import { openModels } from './models.ts'

export interface Settings {
  config: Config
  secrets: Secrets
}

export interface OpenContext {
  context: Context
  /** What callers may ask by name. */
  models: ModelListing
  databaseUrl: string
  /** The folder store, whose signed links the web serves itself; absent with S3. */
  signedObjects?: FolderObjects
  /** Which parts run inside this process, for the line that is printed at start. */
  embedded: string[]
  close(): Promise<void>
}

/**
 * Opens what the work needs, as the settings say: with DATABASE_URL and S3_BUCKET the real services, without
 * them the embedded parts in the data folder. Each is chosen on its own. The database is brought up to date.
 */
export async function openContext({ config, secrets }: Settings, log: Log): Promise<OpenContext> {
  const closing: (() => Promise<unknown>)[] = []
  const close = async (): Promise<void> => {
    for (const end of closing.splice(0).toReversed()) await end()
  }
  try {
    const folder = resolve(config.DAYSHIFT_DATA)
    const embedded: string[] = []
    let databaseUrl = secrets.DATABASE_URL
    if (databaseUrl === undefined) {
      await mkdir(folder, { recursive: true })
      const database = await openEmbeddedDatabase({ folder: join(folder, 'postgres') })
      closing.push(() => database.close())
      databaseUrl = database.url
      embedded.push('PostgreSQL (PGlite)')
    }
    const { db, close: closeDatabase } = createDatabase(databaseUrl, {
      onIdleError: (error) => log.warn({ err: error }, 'a database connection broke; the pool replaces it'),
    })
    closing.push(closeDatabase)
    const applied = await migrate(db)
    if (applied.length > 0) log.info({ applied }, 'database brought up to date')

    const objects = await openObjects(config, secrets, folder)
    if (config.S3_BUCKET === undefined) embedded.push('objects (folder)')
    const outbound = createOutbound({ allowOrigins: config.ALLOW_ORIGINS })
    closing.push(() => outbound.close())
    const sandbox = createSandbox()
    closing.push(() => sandbox.close())
    const clock = () => new Date()
    const {
      llm,
      models,
      parts,
      close: closeModels,
    } = await openModels({ config, secrets }, { db, objects, log, clock })
    closing.push(closeModels)
    const context: Context = { db, objects, llm, outbound, sandbox, log, clock, ...parts }
    return {
      context,
      models,
      databaseUrl,
      embedded,
      close,
      ...('verifySignedUrl' in objects && { signedObjects: objects }),
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function openObjects(config: Config, secrets: Secrets, folder: string): Promise<ObjectStore | FolderObjects> {
  if (config.S3_BUCKET !== undefined) {
    // Loaded when needed: the AWS SDKs cost a laptop 50 MB and a third of its start.
    const { createS3Objects } = await import('@dayshift/storage/s3')
    return createS3Objects({
      bucket: config.S3_BUCKET,
      region: config.AWS_REGION ?? 'us-east-1',
      ...(config.S3_ENDPOINT !== undefined && { endpoint: config.S3_ENDPOINT, forcePathStyle: true }),
    })
  }
  const publicUrl = config.PUBLIC_URL ?? `http://${config.HOST}:${config.PORT}`
  return createFolderObjects({
    folder: join(folder, 'objects'),
    signingSecret: secrets.SIGNING_SECRET ?? (await keptSecret(join(folder, 'signing-secret'))),
    publicUrl: `${publicUrl}/objects`,
  })
}
