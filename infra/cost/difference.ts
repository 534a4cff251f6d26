import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { type Estimate, linesOf, servicesOf } from './estimate.ts'

/** US dollars a month by profile, environment and service, to the cent: `last.json`, which every commit carries. */
export const Saved = z.record(z.string(), z.record(z.string(), z.record(z.string(), z.number())))
export type Saved = z.output<typeof Saved>

const folder = fileURLToPath(new URL('.', import.meta.url))
const cents = (usd: number): number => Math.round(usd * 100) / 100

export function savedOf(estimates: Estimate[]): Saved {
  const environmentsOf = (estimate: Estimate) =>
    estimate.environments.map((environment) => {
      const services = Object.entries(servicesOf(linesOf(estimate, [environment])))
      const dear = services.map(([service, usd]) => [service, cents(usd)] as const).filter(([, usd]) => usd > 0)
      return [environment, Object.fromEntries(dear)]
    })
  return Object.fromEntries(
    estimates.map((estimate) => [estimate.profile, Object.fromEntries(environmentsOf(estimate))]),
  )
}

/** What changed against a saved price; undefined where that has none of the profile. */
export interface Difference {
  usd: number
  services: Record<string, number>
}

export function differenceFrom(
  last: Saved,
  now: Saved,
  profile: string,
  environments: string[],
): Difference | undefined {
  const before = last[profile]
  if (!before) return undefined
  const services: Record<string, number> = {}
  for (const environment of environments) {
    const [was = {}, is = {}] = [before[environment], now[profile]?.[environment]]
    for (const service of new Set([...Object.keys(was), ...Object.keys(is)])) {
      services[service] = (services[service] ?? 0) + (is[service] ?? 0) - (was[service] ?? 0)
    }
  }
  const changed = Object.entries(services).filter(([, usd]) => Math.abs(usd) > 0.004)
  return { usd: cents(changed.reduce((sum, [, usd]) => sum + usd, 0)), services: Object.fromEntries(changed.map(([service, usd]) => [service, cents(usd)])) } // prettier-ignore
}

/** The price that the last commit carries; empty outside a repository, or where no commit has one yet. */
export function readLastCommit(): Saved {
  try {
    const text = execFileSync('git', ['show', 'HEAD:./last.json'], { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }) // prettier-ignore
    return Saved.parse(JSON.parse(text))
  } catch {
    return {}
  }
}

/** Puts the price where the next commit carries it. */
export const save = (saved: Saved): void =>
  writeFileSync(join(folder, 'last.json'), `${JSON.stringify(saved, undefined, 2)}\n`)

export const readSaved = (): Saved => Saved.parse(JSON.parse(readFileSync(join(folder, 'last.json'), 'utf8')))
