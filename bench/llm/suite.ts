import { randomBytes } from 'node:crypto'
import { createDatabase } from '@dayshift/storage'
import { sql } from 'kysely'
import type { Figure } from '../result.ts'
import { measures } from './measures.ts'
import type { MeasureName } from './measures.ts'
import type { Services } from './ours.ts'
import { measureApart, startFakeServer } from './testing/processes.ts'

export interface SuiteOptions {
  quick: boolean
  /** Only these measures; all when absent. */
  only: string[] | undefined
  services: Services | undefined
  /** For the measuring processes, such as `--cpu-prof`. */
  nodeOptions: string[]
  /** Hears of each measure before it begins. */
  onMeasure: (name: string) => void
}

/** Dayshift's calls to models against the AWS SDK's own, in one run against one fake server. */
export async function measureLlm({ quick, only, services, nodeOptions, onMeasure }: SuiteOptions): Promise<Figure[]> {
  const names = Object.keys(measures) as MeasureName[]
  const unknown = only?.find((name) => !names.some((known) => known === name))
  if (unknown !== undefined) throw new Error(`There is no measure ${unknown}: expected ${names.join(', ')}.`)
  const database = services && (await emptyDatabase(services.databaseUrl))
  try {
    const fake = await startFakeServer()
    try {
      const shared = services && database && { ...services, databaseUrl: database.url }
      const setting = { quick, addresses: fake.addresses, services: shared }
      const figures: Figure[] = []
      for (const measure of names) {
        if (only && !only.includes(measure)) continue
        onMeasure(measure)
        figures.push(...(await measureApart({ measure, setting }, nodeOptions).catch(failureOf(measure))))
      }
      return figures
    } finally {
      await fake.stop()
    }
  } finally {
    await database?.drop()
  }
}

/** The others are still worth having. */
const failureOf =
  (measure: string) =>
  (error: unknown): Figure[] => [
    { name: `${measure}: could not be measured`, value: 1, unit: '', count: 1, atMost: 0, about: String(error) },
  ]

/** A database of its own on the server, so that what is measured there does not stay. */
async function emptyDatabase(serverUrl: string): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `dayshift_bench_${randomBytes(6).toString('hex')}`
  const { db, close } = createDatabase(serverUrl, { maxConnections: 1 })
  await sql`create database ${sql.id(name)}`.execute(db)
  const url = new URL(serverUrl)
  url.pathname = name
  return {
    url: url.href,
    drop: async () => {
      await sql`drop database ${sql.id(name)} with (force)`.execute(db)
      await close()
    },
  }
}
