import { interleave, median } from '../measure.ts'
import type { Figure } from '../result.ts'
import type { Bench, SideName } from './measures.ts'

const STREAMS = 500

interface Crowd {
  failed: number
  /** The most that had begun and not ended at one time. */
  openAtOnce: number
  tookMs: number
  /** What the streams hold while all are open. */
  heapMb: number
}

/** Streams that are all open at the same time. */
export async function manyStreams({ quick, ours, open }: Bench): Promise<Figure[]> {
  const figures: Figure[] = []
  const crowd = (name: SideName) => async (): Promise<Crowd> => {
    const side = await open(name, 'slow')
    // Pools and scripts are opened, code is compiled.
    await Promise.all(Array.from({ length: 20 }, () => side.stream()))
    const heapBefore = heldBytes()
    let openNow = 0
    let openAtOnce = 0
    let heapMost = heapBefore
    const begun = () => {
      openAtOnce = Math.max(openAtOnce, ++openNow)
      if (openNow === STREAMS) heapMost = heldBytes()
    }
    const start = performance.now()
    const one = async () => {
      await side.stream({ begun })
      openNow--
    }
    const results = await Promise.allSettled(Array.from({ length: STREAMS }, one))
    const tookMs = performance.now() - start
    await side.close()
    const failed = results.filter(({ status }) => status === 'rejected').length
    return { failed, openAtOnce, tookMs, heapMb: (heapMost - heapBefore) / 2 ** 20 }
  }
  for (const name of ours) {
    const pairs = await interleave(quick ? 1 : 2, crowd('bare'), crowd(name))
    const of = (pick: (crowd: Crowd) => number) => ({
      bare: median(pairs.map(({ a }) => pick(a))),
      ours: median(pairs.map(({ b }) => pick(b))),
    })
    const [took, heap] = [of(({ tookMs }) => tookMs), of(({ heapMb }) => heapMb)]
    const title = `${STREAMS} streams, ${name}`
    const count = pairs.length * STREAMS
    const failed = pairs.reduce((sum, { b }) => sum + b.failed, 0)
    figures.push(
      { name: `${title}: failed`, value: failed, unit: '', count, atMost: 0 },
      {
        name: `${title}: open at once`,
        value: Math.min(...pairs.map(({ b }) => b.openAtOnce)),
        unit: '',
        count: pairs.length,
        atLeast: STREAMS,
      },
      {
        name: `${title}: time`,
        value: took.ours,
        unit: 'ms',
        count: pairs.length,
        about: `bare ${took.bare.toFixed(0)} ms`,
      },
      {
        name: `${title}: heap`,
        value: heap.ours,
        unit: 'MB',
        count: pairs.length,
        about: `bare ${heap.bare.toFixed(1)} MB`,
      },
    )
  }
  return figures
}

function heldBytes(): number {
  gc?.()
  return process.memoryUsage().heapUsed
}
