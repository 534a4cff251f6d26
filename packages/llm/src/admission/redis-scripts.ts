import type { Redis } from 'ioredis'

/**
 * The same counting as in memory, by the clock of Redis, because those of the processes differ. Times are whole microseconds.
 * KEYS: places (sorted set: call, scored by the end of its lease), rates (hash: when each bucket is full), line (hash: call,
 * "since until limit": who was refused and is thought to be waiting). All of them end by themselves.
 */
const shared = `
local minute = 60000000
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local function text(number) return string.format('%.0f', number) end
local function hold(call, lease)
  redis.call('ZADD', KEYS[1], text(now + lease), call)
  local last = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')
  redis.call('PEXPIREAT', KEYS[1], text(math.ceil(last[2] / 1000)))
end
`

/**
 * ARGV: call, lease, then the limits of places, requests and tokens per minute ('' is none), tokens, and how long the call is
 * thought to be waiting after it was refused (0: it does not wait). Who waits longer comes first, in whatever process it is.
 * Gives the number of the limit that is hit (0 none, 1 places, 2 requests, 3 tokens), for the last two the milliseconds until
 * there is room, and whether others come first.
 */
const enter = `${shared}
local since, before, limit, wait = now, nil, 0, 0
local line = redis.call('HGETALL', KEYS[3])
for i = 1, #line, 2 do
  local from, untilTime, lacking = string.match(line[i + 1], '(%d+) (%d+) (%d)')
  from = tonumber(from)
  if line[i] == ARGV[1] then since = from
  elseif tonumber(untilTime) < now then redis.call('HDEL', KEYS[3], line[i])
  elseif not before or from < before then before, limit = from, tonumber(lacking) end
end
local behind = before and before < since
if not behind then limit = 0 end

local concurrency = tonumber(ARGV[3])
if concurrency then
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', text(now))
  if redis.call('ZCARD', KEYS[1]) >= concurrency then limit = 1 end
end
local kept = redis.call('HMGET', KEYS[2], 'requests', 'tokens')
local units = { 1, tonumber(ARGV[6]) }
local full = { now, now }
for i = 1, 2 do
  local perMinute = tonumber(ARGV[3 + i])
  if perMinute then
    local from = math.min(math.max(tonumber(kept[i] or now), now), now + minute)
    full[i] = from + math.floor(units[i] * minute / perMinute)
  end
end
local latest = math.max(full[1], full[2])
if limit ~= 1 and latest > now + minute then
  limit = full[1] > full[2] and 2 or 3
  wait = math.ceil((latest - now - minute) / 1000)
end

if limit > 0 then
  if tonumber(ARGV[7]) == 0 then return { limit, wait, behind and 1 or 0 } end
  redis.call('HSET', KEYS[3], ARGV[1], text(since) .. ' ' .. text(now + ARGV[7]) .. ' ' .. limit)
  redis.call('PEXPIRE', KEYS[3], text(math.ceil(ARGV[7] / 1000)))
  return { limit, wait, behind and 1 or 0 }
end
redis.call('HDEL', KEYS[3], ARGV[1])
if latest > now then
  redis.call('HSET', KEYS[2], 'requests', text(full[1]), 'tokens', text(full[2]))
  redis.call('PEXPIREAT', KEYS[2], text(math.ceil(latest / 1000)))
end
if concurrency then hold(ARGV[1], ARGV[2]) end
return { 0, 0, 0 }`

/** ARGV: call, lease. A place whose lease ran out meanwhile is taken all the same: the call is still under way. */
const renew = `${shared}
hold(ARGV[1], ARGV[2])
return 1`

/** ARGV: call, the time by which the bucket of tokens will be full earlier. */
const leave = `${shared}
redis.call('ZREM', KEYS[1], ARGV[1])
local full = tonumber(redis.call('HGET', KEYS[2], 'tokens') or now)
if full > now then redis.call('HSET', KEYS[2], 'tokens', text(full - ARGV[2])) end
return 1`

/** The scripts as commands of a client. */
export interface ScriptedRedis extends Redis {
  admissionEnter(...keysAndValues: (string | number)[]): Promise<[limit: number, waitMs: number, behind: number]>
  admissionRenew(...keysAndValues: (string | number)[]): Promise<number>
  admissionLeave(...keysAndValues: (string | number)[]): Promise<number>
}

export function withScripts(client: Redis): ScriptedRedis {
  client.defineCommand('admissionEnter', { lua: enter, numberOfKeys: 3 })
  client.defineCommand('admissionRenew', { lua: renew, numberOfKeys: 1 })
  client.defineCommand('admissionLeave', { lua: leave, numberOfKeys: 2 })
  return client as ScriptedRedis
}
