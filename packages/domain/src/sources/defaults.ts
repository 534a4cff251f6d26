import type { Context } from '@dayshift/domain/context'
import { defaultSources } from '@dayshift/domain/samples'
import { inTransaction } from '@dayshift/storage'
import { saveSource } from './queries.ts'

const SETTING = 'default-sources-added'

/** Adds what a fresh Dayshift opens with, once for a database. */
export async function addDefaultSources(
  { db }: Pick<Context, 'db'>,
  { samples, publicSources }: { samples: boolean; publicSources: boolean },
): Promise<void> {
  await inTransaction(db, async (tx) => {
    const first = await tx
      .insertInto('setting')
      .values({ name: SETTING, value: 'true' })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .returning('name')
      .executeTakeFirst()
    if (!first) return
    if (samples) {
      await saveSource(tx, {
        kind: 'samples',
        title: 'Sample reports',
        url: 'dayshift:samples',
        category: 'Samples',
      })
    }
    if (publicSources) {
      for (const source of defaultSources) await saveSource(tx, { ...source, kind: 'feed' })
    }
  })
}
