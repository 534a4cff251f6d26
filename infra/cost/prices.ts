import { z } from 'zod'
import json from './prices.json' with { type: 'json' }

const Price = z.strictObject({
  /** What the bill is ordered by. */
  service: z.string(),
  usd: z.number().positive(),
  unit: z.string(),
  source: z.string().min(1),
  /** Units that an account gets for nothing every month, once for all its environments. */
  free: z.number().positive().optional(),
  /** Why it may be wrong. */
  uncertain: z.string().optional(),
  /** The highest that an uncertain price may be. */
  atMostUsd: z.number().positive().optional(),
})
type Price = z.output<typeof Price>

const PriceList = z.strictObject({
  region: z.string(),
  date: z.iso.date(),
  note: z.string(),
  prices: z.record(z.string(), Price),
})

export type PriceKey = keyof typeof json.prices

/** What AWS asks for, by the prices of one region and day. */
export interface PriceList {
  region: string
  /** The day they were collected. */
  date: string
  prices: Record<PriceKey, Price>
}

export const priceList = PriceList.parse(json) as PriceList

/** The key of a price that is put together, as `rds.db.t4g.micro`. Throws where there is none. */
export function getPriceKey(key: string, what: string): PriceKey {
  if (key in priceList.prices) return key as PriceKey
  throw new Error(`${what} has no price: add ${key} with its source to infra/cost/prices.json.`)
}
