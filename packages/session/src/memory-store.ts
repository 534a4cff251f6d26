import type { Entry, Keeping, KeyStore, Seen, Step } from './key-store.ts'
import { requirePositive, systemClock, type Clock } from './settings.ts'

export interface MemoryStoreOptions {
  readonly clock?: Clock
  /** When full, the tenth that would expire soonest makes room. */
  readonly maxEntries?: number
}

export interface MemoryStore extends KeyStore {
  countEntries(): number
}

interface Kept {
  readonly value: string
  readonly expiresAtMs: number
  readonly group: string | undefined
}

const sweepEveryMs = 60_000

/** A key store inside the process, for a single one; it forgets all when the process ends. */
export function createMemoryStore({ clock = systemClock, maxEntries = 100_000 }: MemoryStoreOptions = {}): MemoryStore {
  requirePositive('maxEntries', maxEntries)
  const entries = new Map<string, Kept>()
  const groups = new Map<string, Set<string>>()
  const seen = new Map<string, Map<string, number>>()
  const now = () => clock().getTime()
  let sweepAtMs = now() + sweepEveryMs

  function drop(key: string): boolean {
    const group = entries.get(key)?.group
    if (group !== undefined) {
      const members = groups.get(group)
      members?.delete(key)
      if (members?.size === 0) groups.delete(group)
    }
    return entries.delete(key)
  }

  function read(key: string): string | undefined {
    const kept = entries.get(key)
    if (kept === undefined || now() < kept.expiresAtMs) return kept?.value
    drop(key)
    return undefined
  }

  function sweep(): void {
    const nowMs = now()
    sweepAtMs = nowMs + sweepEveryMs
    for (const [key, kept] of entries) if (nowMs >= kept.expiresAtMs) drop(key)
  }

  // Only writes make the store grow, so they alone pay for its order; no timer is needed.
  function makeRoom(): void {
    if (entries.size >= maxEntries || now() >= sweepAtMs) sweep()
    if (entries.size < maxEntries) return
    const soonestFirst = [...entries].sort(([, a], [, b]) => a.expiresAtMs - b.expiresAtMs)
    for (const [key] of soonestFirst.slice(0, Math.ceil(maxEntries / 10))) drop(key)
  }

  function write(key: string, value: string, { ttlMs, group }: Keeping): void {
    drop(key)
    makeRoom()
    entries.set(key, { value, expiresAtMs: now() + ttlMs, group })
    if (group === undefined) return
    const members = groups.get(group) ?? new Set()
    groups.set(group, members.add(key))
  }

  return {
    async get(key) {
      return read(key)
    },
    async put(key, value, keeping) {
      write(key, value, keeping)
    },
    async replace(key, expected, value, keeping) {
      if (read(key) !== expected) return false
      write(key, value, keeping)
      return true
    },
    async take(key) {
      const value = read(key)
      drop(key)
      return value
    },
    async delete(keys) {
      return keys.filter((key) => read(key) !== undefined && drop(key)).length
    },
    async list(group) {
      const found: Entry[] = []
      for (const key of groups.get(group) ?? []) {
        const value = read(key)
        if (value !== undefined) found.push({ key, value })
      }
      return found
    },
    async advance(key, { floor, ceiling, by, ttlMs }: Step) {
      const from = Math.min(Math.max(Number(read(key) ?? floor), floor), ceiling)
      const advanced = from + by <= ceiling
      const value = advanced ? from + by : from
      write(key, String(value), { ttlMs })
      return { advanced, value }
    },
    async markSeen(set, member, { atMs, keepMs }: Seen) {
      const members = seen.get(set) ?? new Map<string, number>()
      // A member moves to the end when it is seen, so that the forgotten ones are in front.
      members.delete(member)
      members.set(member, atMs)
      for (const [other, lastMs] of members) {
        if (lastMs > atMs - keepMs) break
        members.delete(other)
      }
      seen.set(set, members)
    },
    async countSeen(set, sinceMs) {
      return [...(seen.get(set)?.values() ?? [])].filter((atMs) => atMs >= sinceMs).length
    },
    countEntries() {
      return entries.size
    },
    async close() {
      entries.clear()
      groups.clear()
      seen.clear()
    },
  }
}
