import { z } from 'zod'

/** An ATT&CK technique that an article names, by its id or by its name. */
export const Technique = z.object({
  id: z.string(),
  name: z.string(),
  basis: z.enum(['id', 'name']),
  written: z.string(),
  startOffset: z.int(),
  endOffset: z.int(),
  occurrences: z.int(),
})
export type Technique = z.output<typeof Technique>
