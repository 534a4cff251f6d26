import { type Bill, billOf, type Line } from './bill.ts'
import type { Charge, Stack } from './charge.ts'
import type { PriceList } from './prices.ts'

export const profileNames = ['economy', 'standard', 'ha'] as const
export type ProfileName = (typeof profileNames)[number]

/** US dollars a month that a profile may cost: production and sleeping staging, model calls for 1,000 articles included. */
const limitsUsd: Record<ProfileName, number> = { economy: 55, standard: 85, ha: 199 }

/** What an account pays for all its environments when production has a profile. */
export interface Estimate {
  profile: ProfileName
  limitUsd: number
  environments: string[]
  bill: Bill
}

/** Charges of model calls come with their environment. */
export interface Calls {
  environment: string
  charge: Charge
}

export function estimateOf(profile: ProfileName, stacks: Stack[], calls: Calls[], list: PriceList): Estimate {
  const environments = stacks.map(({ environment }) => environment)
  return { profile, limitUsd: limitsUsd[profile], environments, bill: billOf(stacks, list, calls) }
}

/** Throws when one of the profiles costs more than it may. */
export function assertWithinLimits(estimates: Estimate[]): void {
  const over = estimates.filter(({ bill, limitUsd }) => bill.usd > limitUsd)
  if (over.length === 0) return
  const parts = over.map(({ profile, bill, limitUsd }) => {
    const services = Object.entries(servicesOf(bill.lines)).toSorted(([, a], [, b]) => b - a)
    const dearest = services.slice(0, 3).map(([service, usd]) => `${service} ${usd.toFixed(2)}`)
    return `${profile} costs ${bill.usd.toFixed(2)} dollars a month, its limit is ${limitUsd}; the dearest are ${dearest.join(', ')}.`
  })
  throw new Error(`${parts.join('\n')}\nnpm run cost -- --profile <name> shows every line.`)
}

export const linesOf = ({ bill }: Estimate, environments: string[]): Line[] =>
  bill.lines.filter(({ environment }) => environments.includes(environment))

/** US dollars by service, the dearest first. */
export function servicesOf(lines: Line[]): Record<string, number> {
  const found = new Map<string, number>()
  for (const { service, usd } of lines) found.set(service, (found.get(service) ?? 0) + usd)
  return Object.fromEntries([...found].toSorted(([, a], [, b]) => b - a))
}
