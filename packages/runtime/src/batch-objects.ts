import type { BatchObjects } from '@dayshift/llm'
import type { ObjectStore } from '@dayshift/storage/objects'

/** The object store as batch inference uses it. */
export const batchObjects = (objects: ObjectStore): BatchObjects => ({
  put: async (key, body) => void (await objects.put(key, body)),
  read: async function* (key) {
    const { body } = await objects.stream(key)
    yield* body
  },
  list: async (prefix) => {
    const keys: string[] = []
    let cursor: string | undefined
    do {
      const page = await objects.list({ prefix, cursor })
      keys.push(...page.objects.map(({ key }) => key))
      cursor = page.cursor
    } while (cursor !== undefined)
    return keys
  },
})
