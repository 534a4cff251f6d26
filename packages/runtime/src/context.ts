import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Config, Secrets } from '@dayshift/domain/config'
import type { Context, Log } from '@dayshift/domain/context'
import { createLocalLlm, type Llm } from '@dayshift/llm'
import { createOutbound } from '@dayshift/outbound'
import { createSandbox } from '@dayshift/sandbox'
import { createDatabase, migrate } from '@dayshift/storage'
import { openEmbeddedDatabase } from '@dayshift/storage/embedded'
import { createFolderObjects, type FolderObjects, type ObjectStore } from '@dayshift/storage/objects'
import { keptSecret } from './kept-secret.ts'

export interface Settings {
  config: Config
  secrets: Secrets
}

export interface OpenContext {
  context: Context
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
    const context: Context = {
      db,
      objects,
      llm: await openLlm(config),
      outbound,
      sandbox,
      log,
      clock: () => new Date(),
    }
    return { context, databaseUrl, embedded, close, ...('verifySignedUrl' in objects && { signedObjects: objects }) }
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

async function openLlm(config: Config): Promise<Llm> {
  const provider = config.LLM_PROVIDER ?? (config.AWS_BEDROCK_MODEL_ID === undefined ? 'local' : 'bedrock')
  if (provider === 'local') return createLocalLlm()
  const { createBedrockLlm } = await import('@dayshift/llm/bedrock')
  return createBedrockLlm({
    region: config.AWS_BEDROCK_REGION ?? config.AWS_REGION ?? 'us-east-1',
    modelId: config.AWS_BEDROCK_MODEL_ID ?? 'anthropic.claude-haiku-5-5',
    embeddingModelId: config.AWS_BEDROCK_EMBEDDING_MODEL_ID,
  })
}
