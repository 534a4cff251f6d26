import { z } from 'zod'

export const SourceId = z.uuid()
export type SourceId = z.output<typeof SourceId>

/** How the last check ended; `outcomeDetail` says it in a sentence. */
const SourceOutcome = z.string()

export const Source = z.object({
  id: SourceId,
  kind: z.enum(['feed', 'page', 'samples']),
  title: z.string(),
  url: z.string(),
  siteUrl: z.string().nullable(),
  category: z.string().nullable(),
  active: z.boolean(),
  checkEveryS: z.int(),
  /** null until the first check; `new`, `unchanged`, or what went wrong such as `gone`, `not-a-feed`, `refused`. */
  outcome: SourceOutcome.nullable(),
  outcomeDetail: z.string().nullable(),
  failures: z.int(),
  lastCheckedAt: z.date().nullable(),
  lastSuccessAt: z.date().nullable(),
  nextCheckAt: z.date(),
  articleCount: z.int(),
})
export type Source = z.output<typeof Source>

/** In characters of ASCII: an index entry of PostgreSQL holds at most 2,704 bytes. */
export const LONGEST_ADDRESS = 2000

const line = (longest: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(longest)
    .regex(/^\P{Cc}*$/u, 'expected one line without control characters')

export const NewSource = z.strictObject({
  url: z.string().min(1).max(LONGEST_ADDRESS),
  title: line(200).optional(),
  category: line(100).optional(),
  checkEveryS: z.int().min(60).max(604_800).optional(),
})
export type NewSource = z.output<typeof NewSource>

export const SourceChange = z.strictObject({
  title: line(200).optional(),
  category: line(100).nullable().optional(),
  active: z.boolean().optional(),
  checkEveryS: z.int().min(60).max(604_800).optional(),
})
export type SourceChange = z.output<typeof SourceChange>
