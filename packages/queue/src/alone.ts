import { sql } from 'kysely'
import type { QueueDb } from './outbox.ts'

/**
 * Puts back the jobs that a dead process had taken, at once instead of after its locks have run out.
 * Only for a process that owns the database alone and has not started its queues yet. Returns how many.
 */
export async function takeBackJobs(db: QueueDb): Promise<number> {
  // A running row may have a waiting twin with its key; both stay, the older one without the key.
  const { numAffectedRows } = await sql`
    update outbox set state = 'waiting', sent_at = null, started_at = null, progress = null,
      dedupe_key = case when state = 'running' then null else dedupe_key end
    where state in ('sent', 'running')`.execute(db)
  return Number(numAffectedRows ?? 0)
}
