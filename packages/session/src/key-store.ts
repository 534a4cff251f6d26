/** How long a value is kept at most, in milliseconds, and the group it is listed under. */
export interface Keeping {
  readonly ttlMs: number
  readonly group?: string
}

export interface Entry {
  readonly key: string
  readonly value: string
}

/** Bounds of one step of a counter; all are integers of one unit, chosen by the caller. */
export interface Step {
  readonly floor: number
  readonly ceiling: number
  readonly by: number
  readonly ttlMs: number
}

/** A moment in milliseconds since 1970, and for how long it is of interest. */
export interface Seen {
  readonly atMs: number
  readonly keepMs: number
}

/**
 * Keys with an end, shared by all processes that open the same store. Each operation is atomic. The time to live is a
 * safety net that clears what nobody asks for; the exact end of a value is for its owner to decide.
 * Every operation may throw SessionStoreUnavailable, after which it may or may not have been applied, never twice.
 */
export interface KeyStore {
  get(key: string): Promise<string | undefined>
  put(key: string, value: string, keeping: Keeping): Promise<void>
  /** Writes only if the key still holds `expected`; tells whether it did. */
  replace(key: string, expected: string, value: string, keeping: Keeping): Promise<boolean>
  /** Reads and deletes: of many takers exactly one gets the value. */
  take(key: string): Promise<string | undefined>
  /** Deletes the keys, and their places in `group`; tells how many there were. */
  delete(keys: readonly string[], group?: string): Promise<number>
  list(group: string): Promise<Entry[]>
  /**
   * Brings a counter into floor..ceiling (an absent one to the floor), then moves it up by `by` unless that passes the
   * ceiling. `value` is where it stands afterwards.
   */
  advance(key: string, step: Step): Promise<{ advanced: boolean; value: number }>
  /** Keeps when each member of a set was last seen, by the caller's clock; those not seen for `keepMs` are forgotten. */
  markSeen(set: string, member: string, seen: Seen): Promise<void>
  /** How many members were seen at `sinceMs` or later. */
  countSeen(set: string, sinceMs: number): Promise<number>
  close(): Promise<void>
}

/** The store did not answer in time, or not at all. The message says why and holds no key, value or address password. */
export class SessionStoreUnavailable extends Error {
  override readonly name = 'SessionStoreUnavailable'
}
