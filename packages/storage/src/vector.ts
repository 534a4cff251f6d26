import { toSql } from 'pgvector'

/** pgvector's text form of a vector: `[1,2,3]`. */
export function toVector(numbers: Iterable<number>): string {
  return String(toSql(Array.from(numbers)))
}
