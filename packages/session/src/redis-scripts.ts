import type { Redis } from 'ioredis'

/** KEYS: key [group]. ARGV: value, time to live in ms [, expected value]. Members of a group are scored by their end. */
const write = `
if ARGV[3] and redis.call('GET', KEYS[1]) ~= ARGV[3] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
if KEYS[2] then
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
  redis.call('ZADD', KEYS[2], now + ARGV[2], KEYS[1])
  local last = redis.call('ZREVRANGE', KEYS[2], 0, 0, 'WITHSCORES')
  redis.call('PEXPIREAT', KEYS[2], last[2])
end
return 1`

/** KEYS: group, key... */
const remove = `
local removed = 0
for i = 2, #KEYS do
  removed = removed + redis.call('DEL', KEYS[i])
  redis.call('ZREM', KEYS[1], KEYS[i])
end
return removed`

/** KEYS: key. ARGV: floor, ceiling, by, time to live in ms. The value is text: it passes 32 bits. */
const advance = `
local floor, ceiling, by = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local stored = tonumber(redis.call('GET', KEYS[1]) or floor) or floor
local value = math.min(math.max(stored, floor), ceiling)
local advanced = value + by <= ceiling
if advanced then value = value + by end
local text = string.format('%.0f', value)
redis.call('SET', KEYS[1], text, 'PX', ARGV[4])
return { advanced and 1 or 0, text }`

/** KEYS: set. ARGV: member, time it was seen, how long that is kept, both in ms. A later time is not taken back. */
const markSeen = `
redis.call('ZADD', KEYS[1], 'GT', ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[2] - ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1`

/** The scripts as commands of a client; the first argument is the number of keys where it varies. */
export interface ScriptedRedis extends Redis {
  sessionWrite(keys: number, ...keysThenArguments: string[]): Promise<number>
  sessionRemove(keys: number, ...allKeys: string[]): Promise<number>
  sessionMarkSeen(set: string, member: string, atMs: number, keepMs: number): Promise<number>
  sessionAdvance(key: string, floor: number, ceiling: number, by: number, ttlMs: number): Promise<[number, string]>
}

export function withScripts(client: Redis): ScriptedRedis {
  client.defineCommand('sessionWrite', { lua: write })
  client.defineCommand('sessionRemove', { lua: remove })
  client.defineCommand('sessionAdvance', { lua: advance, numberOfKeys: 1 })
  client.defineCommand('sessionMarkSeen', { lua: markSeen, numberOfKeys: 1 })
  return client as ScriptedRedis
}
