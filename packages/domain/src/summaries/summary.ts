import { z } from 'zod'

/** The summary of an article and where it came from; provider `local` is no model but picked sentences. */
export const Summary = z.object({
  text: z.string(),
  provider: z.string(),
  model: z.string(),
  promptVersion: z.string(),
  createdAt: z.date(),
})
export type Summary = z.output<typeof Summary>
