import { slopeOf, together } from '../measure.ts'
import type { Figure } from '../result.ts'
import { shown } from '../result.ts'
import type { Bench } from './measures.ts'

const CALLS = 10_000
const STEP = 1_000
const AT_ONCE = 16
/**
 * Whatever is kept for a call holds at least its id: a string of 36 characters and a pointer to it, 60 bytes and more. A
 * hundred bytes a call would be seen; compiled code and shapes that settle late stay below.
 */
const MOST_BYTES_PER_CALL = 100
/** The allocator's own: arenas of the sockets and of the code that is compiled late. */
const MOST_RSS_MB = 64

/** Whether anything is kept of calls that are over. */
export async function memory({ quick, ours, open }: Bench): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const name of ours) {
    const side = await open(name, 'prompt')
    const calls = quick ? CALLS / 4 : CALLS
    const heap: [calls: number, bytes: number][] = []
    const rss: number[] = []
    for (let done = 0; done < calls; done += STEP / (quick ? 4 : 1)) {
      await together(STEP / (quick ? 4 : 1), AT_ONCE, async () => void (await side.stream()))
      await settled()
      const { heapUsed, rss: resident } = process.memoryUsage()
      heap.push([done, heapUsed])
      rss.push(resident)
    }
    // The first quarter fills pools and caches and compiles code.
    const warm = Math.floor(heap.length / 4)
    const title = `memory over ${calls.toLocaleString('en')} calls, ${name}`
    figures.push(
      {
        name: `${title}: heap kept`,
        value: slopeOf(heap.slice(warm)),
        unit: 'bytes a call',
        count: heap.length - warm,
        atMost: quick ? 10 * MOST_BYTES_PER_CALL : MOST_BYTES_PER_CALL,
        about: `${inMb(heap[warm]![1])} → ${inMb(heap.at(-1)![1])} MB after collection`,
      },
      {
        name: `${title}: resident memory gained`,
        value: (rss.at(-1)! - rss[warm]!) / 2 ** 20,
        unit: 'MB',
        count: rss.length - warm,
        // A short run is mostly warming up.
        atMost: quick ? 4 * MOST_RSS_MB : MOST_RSS_MB,
        about: `${inMb(rss[warm]!)} → ${inMb(rss.at(-1)!)} MB`,
      },
    )
    await side.close()
  }
  return figures
}

const inMb = (bytes: number): string => shown(bytes / 2 ** 20)

/** Late callbacks have run, and what nobody holds is collected. */
async function settled(): Promise<void> {
  if (!gc) throw new Error('Memory is measured with node --expose-gc.')
  for (let round = 0; round < 3; round++) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    gc()
  }
}
