import { textTable } from '../../apps/cli/src/text-table.ts'
import { type Bill, type Line, sum } from './bill.ts'
import type { Difference } from './difference.ts'
import { type Estimate, linesOf, servicesOf } from './estimate.ts'
import type { PriceList } from './prices.ts'
import { assumptions } from './usage.ts'

export type Rows = { heads: string[]; rows: string[][] }

/** Every line of some environments, what they come to, and what that rests on. */
export function estimateText(
  estimate: Estimate,
  environments: string[],
  difference: Difference | undefined,
  list: PriceList,
): string {
  const lines = linesOf(estimate, environments)
  const total = sum(lines, 'usd')
  const { heads, rows } = lineRows(lines)
  return [
    `${environments.join(', ')} in profile ${estimate.profile}: ${basisText(list)}`,
    textTable(heads, rows),
    `A month ${usd(total)}, a year ${usd(total * 12)}. With every uncertain price at its highest a month is ${usd(sum(lines, 'atMostUsd'))}.`,
    `Difference from the last commit: ${differenceText(difference)}.`,
    limitText(estimate),
    tableText(assumptionRows()),
    `Free:\n${freeText(estimate.bill)}`,
    uncertainText(lines, list),
  ].join('\n\n')
}

/** All profiles side by side. */
export function comparisonText(
  estimates: Estimate[],
  differences: (Difference | undefined)[],
  list: PriceList,
): string {
  const lines = estimates.flatMap(({ bill }) => bill.lines)
  return [
    `Production and sleeping staging together: ${basisText(list)}`,
    tableText(comparisonRows(estimates, differences)),
    'npm run cost -- --profile economy shows every line; --env production those of one environment.',
    uncertainText(lines, list),
  ].join('\n\n')
}

const basisText = ({ region, date }: PriceList): string =>
  `US dollars a month of 730 hours, prices of ${region}, collected ${date}.`

const tableText = ({ heads, rows }: Rows): string => textTable(heads, rows)

export function comparisonRows(estimates: Estimate[], differences?: (Difference | undefined)[]): Rows {
  const services = Object.keys(servicesOf(estimates.flatMap(({ bill }) => bill.lines)))
  const each = (cell: (estimate: Estimate) => number): string[] => estimates.map((estimate) => usd(cell(estimate)))
  const priced = services
    .map((service) => [service, ...each(({ bill }) => servicesOf(bill.lines)[service] ?? 0)])
    .filter((cells) => cells.slice(1).some((cell) => cell !== '0.00'))
  const environments = [...new Set(estimates.flatMap((estimate) => estimate.environments))]
  return {
    heads: ['', ...estimates.map(({ profile }) => profile)],
    rows: [
      ...priced,
      ['a month', ...each(({ bill }) => bill.usd)],
      ['limit', ...each(({ limitUsd }) => limitUsd)],
      ...environments.map((name) => [`of it ${name}`, ...each((estimate) => sum(linesOf(estimate, [name]), 'usd'))]),
      ['with uncertain prices at their highest', ...each(({ bill }) => bill.atMostUsd)],
      ['a year', ...each(({ bill }) => bill.usd * 12)],
      ...(differences
        ? [['since the last commit', ...differences.map((one) => (one ? signed(one.usd) : 'not known'))]]
        : []),
    ],
  }
}

/** Lines by service, each service with its sum; lines under `leastUsd` are in the sum alone. */
export function lineRows(lines: Line[], leastUsd = 0): Rows {
  const several = new Set(lines.map(({ environment }) => environment)).size > 1
  const services = Object.entries(servicesOf(lines)).filter(([, total]) => total >= leastUsd)
  return {
    heads: ['', 'a month', 'price', '$'],
    rows: services.flatMap(([service, total]) => [
      [service, '', '', usd(total)],
      ...lines.filter((line) => line.service === service && line.usd >= leastUsd).map((line) => lineRow(line, several)),
    ]),
  }
}

function lineRow({ environment, resource, what, quantity, free, unit, unitUsd, usd: cost }: Line, several: boolean) {
  const of = resource === 'usage' ? '' : `${resource.replace(/^aws_/, '')}: `
  const free_ = free === 0 ? '' : free === quantity ? ', free' : `, ${amount(free)} of it free`
  return [`  ${several ? `${environment} ` : ''}${of}${what}`, `${amount(quantity)} × ${unit}${free_}`, String(unitUsd), usd(cost)] // prettier-ignore
}

export const assumptionRows = (): Rows => ({
  heads: ['assumed a month', 'in use', 'asleep', 'account'],
  rows: assumptions.map(({ what, why, values }) => [
    `${what} (${why})`,
    ...[values.awake, values.asleep, values.account].map(String),
  ]),
})

const freeText = ({ free }: Bill): string =>
  free.map(({ type, count, reason }) => `  ${count} × ${type}: ${reason}`).join('\n')

function differenceText(difference: Difference | undefined): string {
  if (!difference) return 'it had no price'
  const parts = Object.entries(difference.services).map(([service, more]) => `${service} ${signed(more)}`)
  return parts.length > 0 ? `${signed(difference.usd)} (${parts.join(', ')})` : 'none'
}

function limitText({ profile, environments, bill, limitUsd }: Estimate): string {
  const left = limitUsd - bill.usd
  const verdict = left >= 0 ? `${usd(left)} below` : `${usd(-left)} above`
  return `${environments.join(', ')} together: ${usd(bill.usd)}, ${verdict} the limit of ${profile}, ${usd(limitUsd)}.`
}

function uncertainText(lines: Line[], list: PriceList): string {
  const rows = uncertainPrices(lines, list)
  return rows.length > 0 ? `Uncertain:\n${rows.map((row) => `  ${row}`).join('\n')}` : 'No price is uncertain.'
}

/** A sentence for each uncertain price that is paid. */
export function uncertainPrices(lines: Line[], { prices }: PriceList): string[] {
  const keys = [...new Set(lines.filter(({ usd: cost }) => cost > 0).map(({ price }) => price))]
  return keys.flatMap((key) => {
    const { uncertain, usd: price, unit, atMostUsd } = prices[key]
    const most = atMostUsd === undefined ? '' : `, at most ${atMostUsd}`
    return uncertain === undefined ? [] : [`${key}, ${price} per ${unit}${most}: ${uncertain}.`]
  })
}

const usd = (amount: number): string => (Math.abs(amount) < 0.005 ? '0.00' : amount.toFixed(2))
const signed = (change: number): string => (change > 0.004 ? `+${usd(change)}` : usd(change))
const amount = (quantity: number): string => String(Number(quantity.toPrecision(4)))
