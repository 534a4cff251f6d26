import { interleave, median, together } from '../measure.ts'
import type { Figure } from '../result.ts'
import { shown } from '../result.ts'
import type { Bench } from './measures.ts'
import type { Side } from './side.ts'

const BLOCK = 100
const AT_ONCE = 8

/** Processor time of whole calls with short answers: what a busy process can do, whatever else the machine does meanwhile. */
export async function processor({ quick, ours, open }: Bench): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const name of ours) {
    const sides = { bare: await open('bare', 'prompt'), ours: await open(name, 'prompt') }
    await interleave(3, block(sides.bare), block(sides.ours))
    const pairs = await interleave(quick ? 2 : 20, block(sides.bare), block(sides.ours))
    const [bare, ours] = [median(pairs.map(({ a }) => a)), median(pairs.map(({ b }) => b))]
    figures.push({
      name: `processor time more, ${name}`,
      value: ours - bare,
      unit: 'µs a call',
      count: pairs.length * BLOCK,
      about: `${shown(bare)} → ${shown(ours)} µs`,
    })
    await sides.bare.close()
    await sides.ours.close()
  }
  return figures
}

/** Microseconds of processor time for each call of a block. */
const block = (side: Side) => async (): Promise<number> => {
  const before = process.cpuUsage()
  await together(BLOCK, AT_ONCE, async () => void (await side.stream()))
  const { user, system } = process.cpuUsage(before)
  return (user + system) / BLOCK
}
