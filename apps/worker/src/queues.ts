import type { Config } from '@dayshift/domain/config'

/** Queue -> how many of its jobs run at once: fetching waits for others, reading keeps a core busy. */
export const concurrencyOf = ({ FETCH_CONCURRENCY, READ_CONCURRENCY }: Config): Record<string, number> => ({
  fetch: FETCH_CONCURRENCY,
  read: READ_CONCURRENCY,
  maintenance: 1,
})
