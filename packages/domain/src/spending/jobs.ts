import type { Context } from '@dayshift/domain/context'
import { defineJob } from '@dayshift/queue'
import { z } from 'zod'
import { readVendorLog } from './invocation-logs.ts'
import { expireOverdue, listUnsure, reconcile } from './reconcile.ts'

/** Calls that the log has not explained by then stay unsure. */
const LONGEST_SEARCH_DAYS = 14

/** Hourly: calls of processes that died become unsure, and unsure ones are settled by the vendor's log, if there is one. */
export const reconcileSpending = defineJob({
  name: 'spending.reconcile',
  queue: 'maintenance',
  attempts: 3,
  input: z.object({}),
  run: async ({ db, clock, log, invocationLogs }: Context) => {
    const now = clock()
    const expired = await expireOverdue(db, now)
    if (expired > 0)
      log.warn({ expired }, 'model calls were never settled; their worst case counts until the log says more')
    const calls = await listUnsure(db, new Date(now.getTime() - LONGEST_SEARCH_DAYS * 86_400_000))
    if (!invocationLogs || calls.length === 0) return { expired, settled: 0, notBilled: 0, unsure: calls.length }
    return { expired, ...(await reconcile({ db, log }, await readVendorLog(invocationLogs, calls, { now, log }))) }
  },
})
