import type { AnswerCache } from '@dayshift/llm'
import type { Db } from '@dayshift/storage'
import { sql } from 'kysely'
import { z } from 'zod'
import { KeptReply } from './kept-reply.ts'

/** Answers given before, in the database. What another version of the program kept and this one cannot read is not found. */
export function createAnswerCache(db: Db, { clock = () => new Date() }: { clock?: () => Date } = {}): AnswerCache {
  return {
    async find(key) {
      const row = await db
        .updateTable('model_answer')
        .set({ hits: sql`hits + 1` })
        .where('key', '=', key)
        .where('expires_at', '>', clock())
        .returning(['reply', 'model', 'provider'])
        .executeTakeFirst()
      const reply = row && z.safeDecode(KeptReply, row.reply as z.input<typeof KeptReply>)
      if (!row || !reply?.success) return undefined
      return { reply: { ...reply.data, usage: reply.data.usage }, model: row.model, provider: row.provider }
    },
    async keep(key, { reply, model, provider }, ttlMs) {
      const now = clock()
      const values = {
        reply: JSON.stringify(z.encode(KeptReply, reply as z.output<typeof KeptReply>)),
        model,
        provider,
        kept_at: now,
        expires_at: new Date(now.getTime() + ttlMs),
        hits: 0,
      }
      await db
        .insertInto('model_answer')
        .values({ key, ...values })
        .onConflict((conflict) => conflict.column('key').doUpdateSet(values))
        .execute()
    },
  }
}

/** Deletes the answers whose time is over; returns how many. */
export async function pruneAnswers(db: Db, now: Date): Promise<number> {
  const { numDeletedRows } = await db.deleteFrom('model_answer').where('expires_at', '<=', now).executeTakeFirst()
  return Number(numDeletedRows)
}
