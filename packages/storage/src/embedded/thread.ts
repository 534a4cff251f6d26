import { readFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'
import { amcheck } from '@electric-sql/pglite/contrib/amcheck'
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm'
import { unaccent } from '@electric-sql/pglite/contrib/unaccent'
import { vector } from '@electric-sql/pglite-pgvector'
import { createBackend } from './backend.ts'
import { openGateway } from './gateway.ts'

/** What the thread is started with. Without `serve` it only makes the folder and ends. */
export interface ThreadData {
  dataDir: string
  loadDataDir?: string
  serve?: { port: number; password: string }
}

export type ThreadRequest = { kind: 'close' } | { kind: 'dump' }
export type ThreadReport =
  { kind: 'ready'; port: number } | { kind: 'log'; line: string } | { kind: 'dump'; bytes: Uint8Array }

const { dataDir, loadDataDir, serve } = workerData as ThreadData
const report = (message: ThreadReport) => parentPort?.postMessage(message, [])

const db = await PGlite.create({
  dataDir,
  extensions: { amcheck, pg_trgm, unaccent, vector },
  // PGlite's own default of 128 MB is memory that a small database gives nothing for.
  startParams: [...PGlite.defaultStartParams, '-c', 'shared_buffers=16MB'],
  ...(loadDataDir !== undefined && { loadDataDir: new Blob([readFileSync(loadDataDir)]) }),
})

if (serve) {
  const backend = createBackend(db, (error) => {
    throw error
  })
  const gateway = await openGateway({ ...serve, backend, log: (line) => report({ kind: 'log', line }) })
  const answer = async (request: ThreadRequest) => {
    if (request.kind === 'dump') {
      await gateway.whenIdle(async () => {
        const dump = await db.dumpDataDir('none')
        report({ kind: 'dump', bytes: new Uint8Array(await dump.arrayBuffer()) })
      })
    } else {
      await gateway.close()
      await db.close()
      parentPort?.close()
    }
  }
  parentPort?.on('message', (request: ThreadRequest) => void answer(request))
  report({ kind: 'ready', port: gateway.port })
} else {
  await db.close()
}
