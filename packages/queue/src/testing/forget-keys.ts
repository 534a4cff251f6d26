import { Redis } from 'ioredis'

/** Removes what a test left in Redis under a prefix of its own. */
export async function forgetKeys(url: string, prefix: string): Promise<void> {
  const redis = new Redis(url)
  const keys = await redis.keys(`${prefix}*`)
  if (keys.length > 0) await redis.del(...keys)
  await redis.quit()
}
