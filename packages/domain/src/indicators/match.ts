import type { IndicatorKind } from './indicator.ts'
import type { Refanged } from './refang.ts'

/**
 * Something found at offsets of the refanged text. A `reference` is no finding, but nothing else is to be found in
 * its place: the host of a link to a well-known site is no indicator either.
 */
export interface Match {
  kind: IndicatorKind | 'reference'
  value: string
  start: number
  end: number
}

export interface Reading extends Refanged {
  /** The registrable domain of who published the text: naming oneself is no indicator. */
  publisher: string | undefined
}

/** Finds the indicators of one family. */
export type Family = (reading: Reading) => Iterable<Match>
