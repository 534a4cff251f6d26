import type { Figure } from '../result.ts'
import { createBare } from './bare.ts'
import { processor } from './processor.ts'
import { firstText } from './first-text.ts'
import { manyStreams } from './many-streams.ts'
import { memory } from './memory.ts'
import { createEverything, createLibrary } from './ours.ts'
import type { Services } from './ours.ts'
import type { Side } from './side.ts'
import type { Addresses, Manner } from './testing/fake-server.ts'
import { throughput } from './throughput.ts'
import { unitCosts } from './unit-costs.ts'

export type SideName = 'bare' | 'library' | 'everything'

export interface Setting {
  addresses: Addresses
  services: Services | undefined
  quick: boolean
}

/** What a measure of one process is given. */
export interface Bench extends Pick<Setting, 'quick'> {
  /** What is compared with the bare SDK. */
  ours: Exclude<SideName, 'bare'>[]
  open(name: SideName, manner: Manner): Promise<Side>
}

/** Each runs in a process of its own, so that none inherits the heap of another. */
export const measures = { firstText, throughput, processor, manyStreams, memory, unitCosts } satisfies Record<
  string,
  (bench: Bench) => Promise<Figure[]>
>
export type MeasureName = keyof typeof measures

export function openBench({ addresses, services, quick }: Setting): Bench {
  return {
    quick,
    ours: services ? ['library', 'everything'] : ['library'],
    open: async (name, manner) => {
      const url = addresses[manner]
      if (name === 'bare') return createBare(url)
      if (name === 'library') return createLibrary(url)
      if (!services) throw new Error('Everything needs a database and Redis.')
      return createEverything(url, services)
    },
  }
}
