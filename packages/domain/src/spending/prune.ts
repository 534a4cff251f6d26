import type { Db } from '@dayshift/storage'

const DAY_MS = 86_400_000

/** Deletes calls that are over and older than this, free and paid ones apart; returns how many. */
export async function pruneCalls(
  db: Db,
  { now, freeDays, paidDays }: { now: Date; freeDays: number; paidDays: number },
): Promise<number> {
  const before = (days: number): Date => new Date(now.getTime() - days * DAY_MS)
  const { numDeletedRows } = await db
    .deleteFrom('model_call')
    .where('state', '<>', 'open')
    .where((eb) =>
      eb.or([
        eb('started_at', '<', before(paidDays)),
        eb.and([eb('free', '=', true), eb('started_at', '<', before(freeDays))]),
      ]),
    )
    .executeTakeFirst()
  await db.deleteFrom('budget_period').where('starts_on', '<', before(paidDays).toISOString().slice(0, 10)).execute()
  return Number(numDeletedRows)
}
