/** Results in the order of the items, at most `limit` under way. A failure starts no more; it is thrown when all that was begun is over. */
export async function mapConcurrently<In, Out>(
  items: In[],
  limit: number,
  work: (item: In, index: number) => Promise<Out>,
): Promise<Out[]> {
  const results: Out[] = Array.from({ length: items.length })
  let next = 0
  let failure: { error: unknown } | undefined
  const run = async () => {
    while (next < items.length && !failure) {
      const index = next++
      try {
        results[index] = await work(items[index]!, index)
      } catch (error) {
        failure ??= { error }
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, run))
  if (failure) throw failure.error
  return results
}
