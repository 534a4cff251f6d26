import { interleave, median } from '../measure.ts'
import type { Figure } from '../result.ts'
import { shown } from '../result.ts'
import type { Bench } from './measures.ts'
import type { Side } from './side.ts'
import type { Manner } from './testing/fake-server.ts'

/** A piece of text is a token here. */
const SITUATIONS: { name: string; manner: Manner; atOnce: number; rounds: number; atLeast: number }[] = [
  // As models stream: every token a write of its own, more of them than one process can take.
  { name: '64 streams of a token a millisecond', manner: 'steady', atOnce: 64, rounds: 8, atLeast: 0.95 },
  // No model does this: a thousand times as fast, in one write. It shows what a token costs here beside the SDK.
  { name: 'whole answers in one write', manner: 'burst', atOnce: 1, rounds: 100, atLeast: 0.95 },
]

/** Tokens per second, as a part of those that come through the SDK alone. */
export async function throughput({ quick, ours, open }: Bench): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const name of ours) {
    for (const { name: situation, manner, atOnce, rounds, atLeast } of SITUATIONS) {
      const bare = await open('bare', manner)
      const side = await open(name, manner)
      const sides = [() => perSecond(bare, atOnce), () => perSecond(side, atOnce)] as const
      await interleave(quick ? 1 : 2, ...sides)
      const pairs = await interleave(quick ? 2 : rounds, ...sides)
      const rates = [pairs.map(({ a }) => a), pairs.map(({ b }) => b)].map(median)
      figures.push({
        name: `tokens per second of bare, ${name}, ${situation}`,
        value: median(pairs.map(({ a, b }) => b / a)),
        unit: '',
        count: pairs.length,
        ...(quick ? {} : { atLeast }),
        about: `${rates.map(shown).join(' → ')} per second`,
      })
      await bare.close()
      await side.close()
    }
  }
  return figures
}

/** From the first text of a stream to its last, all streams together. */
async function perSecond(side: Side, atOnce: number): Promise<number> {
  const times = await Promise.all(Array.from({ length: atOnce }, () => side.stream()))
  return (
    times.reduce((sum, { pieces, lastTextMs, firstTextMs }) => sum + (pieces - 1) / (lastTextMs - firstTextMs), 0) *
    1_000
  )
}
