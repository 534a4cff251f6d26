import { setTimeout } from 'node:timers/promises'
import type { Context } from '@dayshift/domain/context'
import { sql } from 'kysely'
import { z } from 'zod'

const Part = z.object({ name: z.string(), ok: z.boolean(), detail: z.string(), tookMs: z.number() })
export const Health = z.object({ ok: z.boolean(), parts: z.array(Part) })
export type Health = z.output<typeof Health>

const PROBE = 'health/probe'
const LONGEST_MS = 5000

/** A part that says nothing is broken too. */
async function silence(): Promise<never> {
  await setTimeout(LONGEST_MS, undefined, { ref: false })
  throw new Error(`There was no answer within ${LONGEST_MS} ms.`)
}

/** Asks each part for something real and says how long it took. Never throws. */
export async function checkHealth({ db, objects }: Pick<Context, 'db' | 'objects'>): Promise<Health> {
  const parts = await Promise.all([
    probe('database', async () => {
      const { rows } = await sql<{
        version: string
      }>`select extversion as version from pg_extension where extname = 'vector'`.execute(db)
      if (!rows[0]) throw new Error('The database has no pgvector.')
      return `pgvector ${rows[0].version}`
    }),
    probe('objects', async () => {
      const { sizeBytes } = await objects.put(PROBE, new Date(0).toISOString())
      return `wrote ${sizeBytes} bytes`
    }),
  ])
  return { ok: parts.every(({ ok }) => ok), parts }
}

async function probe(name: string, ask: () => Promise<string>): Promise<z.output<typeof Part>> {
  const start = performance.now()
  try {
    const detail = await Promise.race([ask(), silence()])
    return { name, ok: true, detail, tookMs: Math.round(performance.now() - start) }
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    return { name, ok: false, detail, tookMs: Math.round(performance.now() - start) }
  }
}
