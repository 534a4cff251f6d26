import { readFileSync } from 'node:fs'
import { environments } from '../src/environments.ts'
import { sum } from './bill.ts'
import { differenceFrom, readLastCommit, save, savedOf } from './difference.ts'
import { type Estimate, linesOf, type ProfileName, profileNames } from './estimate.ts'
import { documentTables, saveDocument } from './markdown.ts'
import { readOptions, usage } from './options.ts'
import { estimatePlatform, stackNames } from './platform.ts'
import { priceList } from './prices.ts'
import { readPlan } from './resources.ts'
import { comparisonText, estimateText, uncertainPrices } from './text.ts'
import { assumptions } from './usage.ts'

try {
  run()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

function run(): void {
  const options = readOptions(process.argv.slice(2), stackNames)
  if (options.help) return console.log(usage)
  for (const { name, region } of environments) {
    if (region === priceList.region) continue
    console.error(`Warning: ${name} stands in ${region}; the prices are those of ${priceList.region}.`)
  }
  const now = new Date()
  const all = (): Estimate[] => profileNames.map((profile) => estimatePlatform(profile, now))
  if (options.save) {
    const estimates = all()
    save(savedOf(estimates))
    saveDocument(documentTables(estimates, priceList))
  }
  const { profile, environment, plan } = options
  if (profile === undefined && environment === undefined) return printComparison(all(), options.json)
  const chosen: ProfileName = profile ?? environments.find(({ production }) => production)!.profile
  const planned =
    environment !== undefined && plan !== undefined
      ? { environment, resources: readPlan(JSON.parse(readFileSync(plan, 'utf8'))) }
      : undefined
  const estimate = estimatePlatform(chosen, now, planned)
  printEstimate(estimate, environment === undefined ? estimate.environments : [environment], options.json)
}

function printComparison(estimates: Estimate[], json: boolean): void {
  const [last, present] = [readLastCommit(), savedOf(estimates)]
  const differences = estimates.map(({ profile, environments: all }) => differenceFrom(last, present, profile, all))
  if (!json) return console.log(comparisonText(estimates, differences, priceList))
  const profiles = estimates.map((estimate, index) => ({
    profile: estimate.profile,
    limitUsd: estimate.limitUsd,
    monthUsd: estimate.bill.usd,
    yearUsd: estimate.bill.usd * 12,
    atMostUsd: estimate.bill.atMostUsd,
    services: present[estimate.profile],
    difference: differences[index] ?? null,
  }))
  console.log(JSON.stringify({ region: priceList.region, date: priceList.date, profiles }))
}

function printEstimate(estimate: Estimate, shown: string[], json: boolean): void {
  const difference = differenceFrom(readLastCommit(), savedOf([estimate]), estimate.profile, shown)
  if (!json) return console.log(estimateText(estimate, shown, difference, priceList))
  const lines = linesOf(estimate, shown)
  const [monthUsd, atMostUsd] = [sum(lines, 'usd'), sum(lines, 'atMostUsd')]
  console.log(
    JSON.stringify({
      region: priceList.region,
      date: priceList.date,
      profile: estimate.profile,
      environments: shown,
      monthUsd,
      yearUsd: monthUsd * 12,
      atMostUsd,
      together: { monthUsd: estimate.bill.usd, limitUsd: estimate.limitUsd },
      difference: difference ?? null,
      lines,
      free: estimate.bill.free,
      assumptions,
      uncertain: uncertainPrices(lines, priceList),
    }),
  )
}
