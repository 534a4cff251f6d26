/** Results in the order of the items, at most `limit` under way; the first failure starts no more and is thrown. */
export async function mapConcurrently<In, Out>(
  items: In[],
  limit: number,
  work: (item: In, index: number) => Promise<Out>,
): Promise<Out[]> {
  const results: Out[] = Array.from({ length: items.length })
  let next = 0
  let failed = false
  const run = async () => {
    while (next < items.length && !failed) {
      const index = next++
      try {
        results[index] = await work(items[index]!, index)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, run))
  return results
}
