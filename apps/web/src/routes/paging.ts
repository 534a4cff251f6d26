import { Invalid } from '@dayshift/domain/errors'
import { z } from 'zod'

/** `?limit=` of every list. */
export const Limit = z.coerce.number().int().min(1).max(200).default(50)

/** A page of a list; `nextCursor` is opaque and null on the last page. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() })

export const writeCursor = (position: unknown): string => Buffer.from(JSON.stringify(position)).toString('base64url')

/** Throws Invalid for a cursor that we did not make. */
export function readCursor<Schema extends z.ZodType>(
  schema: Schema,
  cursor: string | undefined,
): z.output<Schema> | undefined {
  if (cursor === undefined) return undefined
  try {
    const text = Buffer.from(cursor, 'base64url').toString('utf8')
    if (text.includes('\\u0000')) throw new RangeError('U+0000')
    return schema.parse(JSON.parse(text))
  } catch {
    throw new Invalid('The cursor is not one that this list has given out.', 'cursor')
  }
}
