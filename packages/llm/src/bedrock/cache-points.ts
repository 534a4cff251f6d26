import type { CachePointBlock } from '@aws-sdk/client-bedrock-runtime'
import type { TextModel } from '../catalogue.ts'
import type { CacheTtl } from '../llm.ts'
import type { Warn } from './parameters.ts'

/** None or one block; asked in the order in which Bedrock counts them: tools, system text, messages. */
export type PlaceCachePoint = (
  ttl: CacheTtl | undefined,
  where: 'tools' | 'system' | 'messages',
) => { cachePoint: CachePointBlock }[]

/**
 * The cache points of one request, as far as the model takes them; what is left out is said.
 * Rules: Amazon Bedrock user guide, "Prompt caching": so many at most, and none of an hour after one of five minutes.
 */
export function cachePointsFor(model: TextModel | undefined, id: string, warn: Warn): PlaceCachePoint {
  const cache = model?.capabilities.promptCache
  const name = model?.name ?? id
  let placed = 0
  let hourIsOver = false
  return (ttl, where) => {
    if (ttl === undefined) return []
    if (!cache) return leaveOut(`${name} is not known to take cache points: they were left out.`)
    if (where === 'tools' && !cache.tools) return leaveOut(`${name} takes no cache point after tools: it was left out.`)
    if (placed === cache.maxPoints)
      return leaveOut(`${name} takes ${placed} cache points: the later ones were left out.`)
    placed++
    if (ttl === '1h' && cache.ttls.includes('1h') && !hourIsOver) return [{ cachePoint: { type: 'default', ttl } }]
    if (ttl === '1h') warn(`${name} keeps a part of the prompt for five minutes instead of an hour.`)
    hourIsOver = true
    return [{ cachePoint: { type: 'default' } }]
  }

  function leaveOut(why: string): [] {
    warn(why)
    return []
  }
}
