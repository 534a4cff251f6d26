import type { BatchObjects } from '../batch.ts'

/** Objects in memory, as a bucket would have them. */
export function createMemoryObjects(): BatchObjects & { objects: Map<string, Buffer> } {
  const objects = new Map<string, Buffer>()
  return {
    objects,
    put: async (key, body) => void objects.set(key, Buffer.concat(await Array.fromAsync(body))),
    async *read(key) {
      const bytes = objects.get(key)
      if (!bytes) throw new Error(`There is no object ${key}.`)
      // Odd pieces, so that lines and characters are cut.
      for (let start = 0; start < bytes.length; start += 997) yield bytes.subarray(start, start + 997)
    },
    list: async (prefix) => [...objects.keys()].filter((key) => key.startsWith(prefix)),
  }
}
