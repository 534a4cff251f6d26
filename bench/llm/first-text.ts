import { distributionOf, interleave, median, percentile, seededRandom, together } from '../measure.ts'
import type { Figure } from '../result.ts'
import { shown } from '../result.ts'
import type { Bench } from './measures.ts'
import type { Side } from './side.ts'
import type { Manner } from './testing/fake-server.ts'

/** Calls of each worker between two changes of the side. */
const BLOCK = 10
/** Alone there is no queue, so the server need not wait: many calls say more than long ones. */
const SITUATIONS: { atOnce: number; manner: Manner }[] = [
  { atOnce: 1, manner: 'prompt' },
  { atOnce: 8, manner: 'paced' },
  { atOnce: 32, manner: 'paced' },
]
/** So that the percentile 99 has ten values above it. */
const CALLS = 1_000
const CALLS_QUICK = 100
/** Between two calls of a worker, so that calls do not march in step. */
const MOST_PAUSE_MS = 20

/**
 * How much longer a caller waits for the first text than with the SDK alone. Calls at once are answered after 20 ms, so that
 * neither side is measured on a processor that is full; a model takes much longer.
 */
export async function firstText({ quick, ours, open }: Bench): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const name of ours) {
    for (const { atOnce, manner } of SITUATIONS) {
      const sides = { bare: await open('bare', manner), ours: await open(name, manner) }
      const blocks = Math.ceil((quick ? CALLS_QUICK : CALLS) / (BLOCK * atOnce))
      // Both sides get the same pauses.
      const turns = { bare: 0, ours: 0 }
      const next = (side: keyof typeof sides) => () => block(sides[side], atOnce, turns[side]++)
      await interleave(2, next('bare'), next('ours'))
      const pairs = await interleave(Math.max(2, blocks), next('bare'), next('ours'))
      figures.push(...compare(`${name}, ${atOnce} at once`, pairs, quick))
      await sides.bare.close()
      await sides.ours.close()
    }
  }
  return figures
}

/** Times to the first text of `BLOCK` calls for each of the workers. */
async function block(side: Side, atOnce: number, seed: number): Promise<number[]> {
  const random = seededRandom(seed)
  const pauses = Array.from({ length: BLOCK * atOnce }, () => (atOnce === 1 ? 0 : random() * MOST_PAUSE_MS))
  const times: number[] = []
  await together(pauses.length, atOnce, async (index) => {
    await new Promise((resolve) => setTimeout(resolve, pauses[index]))
    times.push((await side.stream()).firstTextMs)
  })
  return times
}

/** The limits are those of the specification; a quick run has too few values for them. */
function compare(name: string, pairs: { a: number[]; b: number[] }[], quick: boolean): Figure[] {
  const bare = distributionOf(pairs.flatMap(({ a }) => a))
  const ours = distributionOf(pairs.flatMap(({ b }) => b))
  const differences = pairs.map(({ a, b }) => median(b) - median(a))
  const about = (share: 'p50' | 'p99') => `${shown(bare[share])} → ${shown(ours[share])} ms`
  const spread = [0.1, 0.9].map((share) => shown(percentile(differences, share))).join(' to ')
  const figure = { unit: 'ms', count: ours.count }
  return [
    {
      name: `first text later, ${name}, p50`,
      ...figure,
      value: ours.p50 - bare.p50,
      ...(quick ? {} : { atMost: 2 }),
      about: `${about('p50')}; block by block ${spread} ms`,
    },
    {
      name: `first text later, ${name}, p99`,
      ...figure,
      value: ours.p99 - bare.p99,
      ...(quick ? {} : { atMost: 10 }),
      about: about('p99'),
    },
  ]
}
