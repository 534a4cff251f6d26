import { z } from 'zod'
import { checkValue, parseJson } from './json-value.ts'
import type { KeyStore } from './key-store.ts'
import { checkName, clockMarginMs, requirePositive, systemClock, type Clock } from './settings.ts'
import { createSecret, hashText } from './token.ts'

export interface ShortLivedOptions<Value> {
  readonly store: KeyStore
  readonly schema: z.ZodType<Value>
  /** Keeps kinds apart: lower-case letters, digits, hyphens. */
  readonly name: string
  readonly ttlMs: number
  readonly maxSizeBytes?: number
  readonly clock?: Clock
}

export interface ShortLived<Value> {
  /** A token of 256 random bits for the value. Throws ValueInvalid or ValueTooLarge. */
  put(value: Value): Promise<string>
  /** The value, to exactly one taker. */
  take(token: string): Promise<Value | undefined>
  find(token: string): Promise<Value | undefined>
}

/** Values behind one-time tokens: sign-in links, the state of a log-in under way. Only hashes of tokens are stored. */
export function createShortLived<Value>(options: ShortLivedOptions<Value>): ShortLived<Value> {
  const { store, schema, maxSizeBytes = 4_096, clock = systemClock } = options
  const name = checkName(options.name)
  const ttlMs = requirePositive('ttlMs', options.ttlMs)
  const rules = { name: `The value of ${name}`, schema, maxSizeBytes }
  const record = z.object({ expiresAtMs: z.number(), value: z.unknown() })

  function keyOf(token: string): string {
    return `short:${name}:${hashText(token)}`
  }

  function read(stored: string | undefined): Value | undefined {
    const kept = stored === undefined ? undefined : parseJson(record, stored)
    return kept === undefined || clock().getTime() >= kept.expiresAtMs ? undefined : schema.safeParse(kept.value).data
  }

  return {
    async put(value) {
      const token = createSecret()
      const kept = { expiresAtMs: clock().getTime() + ttlMs, value: checkValue(rules, value) }
      await store.put(keyOf(token), JSON.stringify(kept), { ttlMs: ttlMs + clockMarginMs })
      return token
    },
    async take(token) {
      return read(await store.take(keyOf(token)))
    },
    async find(token) {
      return read(await store.get(keyOf(token)))
    },
  }
}
