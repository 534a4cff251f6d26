import type { Charge, Stack } from './charge.ts'
import { freeTypes, pricers } from './pricers.ts'
import { useCharges } from './pricers/use.ts'
import type { PriceKey, PriceList } from './prices.ts'

/** A charge with its price. */
export interface Line extends Charge {
  environment: string
  service: string
  unit: string
  unitUsd: number
  /** Units of the quantity that the account has for nothing. */
  free: number
  /** US dollars a month. */
  usd: number
  /** With an uncertain price at its highest. */
  atMostUsd: number
}

export interface Bill {
  lines: Line[]
  usd: number
  atMostUsd: number
  /** Types of resources that cost nothing, and why. */
  free: { type: string; count: number; reason: string }[]
}

/** What every resource of the stack is charged for. Throws for a type that nobody has thought about. */
export function chargesOf(stack: Stack): Charge[] {
  const unknown = new Set(
    stack.resources.map(({ type }) => type).filter((type) => !(type in pricers) && !(type in freeTypes)),
  )
  if (unknown.size > 0) {
    throw new Error(
      `No price is known of ${[...unknown].toSorted().join(', ')} (${stack.environment}): ` +
        'add a pricer, or the reason why it is free, to infra/cost/pricers.ts.',
    )
  }
  return [
    ...stack.resources.flatMap((resource) => pricers[resource.type]?.(resource, stack) ?? []),
    ...useCharges(stack),
  ]
}

/** What stacks cost that share an account, and with it what is free in a month: the first stack takes of it first. */
export function billOf(
  stacks: Stack[],
  { prices }: PriceList,
  more: { environment: string; charge: Charge }[] = [],
): Bill {
  const charges = stacks.flatMap((stack) =>
    chargesOf(stack).map((charge) => ({ environment: stack.environment, charge })),
  )
  const left = new Map<PriceKey, number>()
  const lines = [...charges, ...more].map(({ environment, charge }): Line => {
    const { service, unit, usd: unitUsd, atMostUsd = unitUsd, free: allowance = 0 } = prices[charge.price]
    const available = left.get(charge.price) ?? allowance
    const free = Math.min(available, charge.quantity)
    left.set(charge.price, available - free)
    const paid = charge.quantity - free
    const most = Math.max(paid, (charge.mostQuantity ?? 0) - free)
    return { ...charge, environment, service, unit, unitUsd, free, usd: paid * unitUsd, atMostUsd: most * atMostUsd }
  })
  return { lines, usd: sum(lines, 'usd'), atMostUsd: sum(lines, 'atMostUsd'), free: freeOf(stacks) }
}

export const sum = (lines: Line[], part: 'usd' | 'atMostUsd'): number =>
  lines.reduce((total, line) => total + line[part], 0)

function freeOf(stacks: Stack[]): Bill['free'] {
  const counts = new Map<string, number>()
  for (const { type } of stacks.flatMap(({ resources }) => resources)) {
    if (type in freeTypes) counts.set(type, (counts.get(type) ?? 0) + 1)
  }
  return [...counts]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([type, count]) => ({ type, count, reason: freeTypes[type]! }))
}
