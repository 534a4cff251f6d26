import { Refusal } from './errors.ts'

const unitsS: Record<string, number> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 }

/**
 * Seconds of a `keep_alive`: a number of them, or a Go duration such as "1h30m"; below 0 is for ever. Undefined when absent.
 * Here it only tells loading from unloading: no model is held in memory. @throws Refusal
 */
export function keepAliveS(given: unknown): number | undefined {
  if (given === undefined || given === null) return undefined
  if (typeof given === 'number') return given < 0 ? Infinity : given
  if (typeof given !== 'string') throw new Refusal(400, `Unsupported type: '${typeof given}'`)
  const [, sign = '', rest = ''] = /^([-+]?)(.*)$/s.exec(given) ?? []
  if (!/^(?:\d+(?:\.\d*)?|\.\d+|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h))+)$/.test(rest)) {
    throw new Refusal(400, `time: invalid duration "${given}"`)
  }
  const parts = [...rest.matchAll(/([\d.]+)([a-zµ]*)/g)]
  const seconds = parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (unitsS[unit] ?? 1), 0)
  return sign === '-' && seconds > 0 ? Infinity : seconds
}
