import type { Db } from '@dayshift/storage'

/** Sentences that say nothing of one another, with an indicator; 15 make about a passage. */
export const longText = (passages: number, subject: string): string =>
  Array.from(
    { length: passages * 15 },
    (_, n) => `The ${subject} report has ${n} as its line, and number ${n * 7} of evil[.]example.`,
  ).join(' ')

/** Spaces with their state and how many passages have a vector in them, by id. */
export async function countBySpace(db: Db): Promise<Record<string, [state: string, vectors: number]>> {
  const rows = await db
    .selectFrom('embedding_space')
    .leftJoin('passage_vector', 'space_id', 'embedding_space.id')
    .select(({ fn }) => ['embedding_space.id', 'state', fn.count<string>('passage_id').as('vectors')])
    .groupBy(['embedding_space.id', 'state'])
    .execute()
  return Object.fromEntries(rows.map(({ id, state, vectors }) => [id, [state, Number(vectors)]]))
}

export async function countPassages(db: Db): Promise<number> {
  const { count } = await db
    .selectFrom('passage')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}
