import { distributionOf, interleave, median, seededRandom, together } from '../measure.ts'
import type { Pair } from '../measure.ts'
import type { Figure } from '../result.ts'
import { shown } from '../result.ts'
import type { Bench } from './measures.ts'
import type { Side } from './side.ts'
import type { Manner } from './testing/fake-server.ts'

/** Calls of each worker between two changes of the side. */
const BLOCK = 10
/**
 * Alone there is no queue, so the server need not wait: many calls say more than long ones. Pauses between two calls of a
 * worker keep calls from marching in step, and the processor from being full.
 */
const SITUATIONS: { atOnce: number; manner: Manner; mostPauseMs: number }[] = [
  { atOnce: 1, manner: 'prompt', mostPauseMs: 0 },
  { atOnce: 8, manner: 'paced', mostPauseMs: 20 },
  { atOnce: 32, manner: 'paced', mostPauseMs: 120 },
]
const CALLS = 1_600
/** A run is looked at in so many parts, so that one bad moment of the machine does not decide what one call in 100 waits. */
const PARTS = 5
/**
 * How much longer a caller waits for the first text than with the SDK alone. Calls at once are answered after 10 ms; a model
 * takes much longer.
 */
export async function firstText({ quick, ours, open }: Bench): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const name of ours) {
    for (const { atOnce, manner, mostPauseMs } of SITUATIONS) {
      const sides = { bare: await open('bare', manner), ours: await open(name, manner) }
      const blocks = quick ? 2 : Math.ceil(CALLS / (BLOCK * atOnce))
      // Both sides get the same pauses.
      const turns = { bare: 0, ours: 0 }
      const next = (side: keyof typeof sides) => () =>
        block(sides[side], atOnce, pauses(turns[side]++, atOnce, mostPauseMs))
      await interleave(quick ? 1 : 2, next('bare'), next('ours'))
      const pairs = await interleave(blocks, next('bare'), next('ours'))
      figures.push(...compare(`${name}, ${atOnce} at once`, pairs, quick))
      await sides.bare.close()
      await sides.ours.close()
    }
  }
  return figures
}

const pauses = (seed: number, atOnce: number, mostMs: number): number[] => {
  const random = seededRandom(seed)
  return Array.from({ length: BLOCK * atOnce }, () => random() * mostMs)
}

/** Times to the first text of one call after each pause, as many at once as there are workers. */
async function block(side: Side, atOnce: number, pausesMs: number[]): Promise<number[]> {
  const times: number[] = []
  await together(pausesMs.length, atOnce, async (index) => {
    await new Promise((resolve) => setTimeout(resolve, pausesMs[index]))
    times.push((await side.stream()).firstTextMs)
  })
  return times
}

/** The limits are those of the specification; a quick run has too few values for them. */
function compare(name: string, pairs: Pair<number[]>[], quick: boolean): Figure[] {
  const size = Math.floor(pairs.length / PARTS) || 1
  const starts = Array.from({ length: Math.min(PARTS, pairs.length) }, (_, i) => i * size)
  const parts = starts.map((start) => sidesOf(pairs.slice(start, start + size)))
  const { bare, ours } = sidesOf(pairs)
  const limits = { p50: 2, p99: 10 }
  return (['p50', 'p99'] as const).map((share) => {
    const later = parts.map(({ bare, ours }) => ours[share] - bare[share])
    return {
      name: `first text later, ${name}, ${share}`,
      value: median(later),
      unit: 'ms',
      count: ours.count,
      ...(quick ? {} : { atMost: limits[share] }),
      about: `${shown(bare[share])} → ${shown(ours[share])} ms in all; by part ${later.map(shown).join(', ')}`,
    }
  })
}

const sidesOf = (pairs: Pair<number[]>[]) => ({
  bare: distributionOf(pairs.flatMap(({ a }) => a)),
  ours: distributionOf(pairs.flatMap(({ b }) => b)),
})
