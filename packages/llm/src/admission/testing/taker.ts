import { createRedisAdmission } from '../redis.ts'

// A process that tries to enter so many times, tells how often it could, and holds what it got until it is killed.
const [url, keyPrefix, limits, tries, leaseMs] = process.argv.slice(2) as [string, string, string, string, string]
const admission = createRedisAdmission({ url, keyPrefix })
let taken = 0
for (let n = 0; n < Number(tries); n += 1) {
  const options = { maxWaitMs: 0, leaseMs: Number(leaseMs) }
  const place = await admission.enter('model', JSON.parse(limits), 0, options).catch(() => undefined)
  if (place) taken += 1
}
process.send?.(taken)
setInterval(() => {}, 1_000)
