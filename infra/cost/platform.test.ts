import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { environments } from '../src/environments.ts'
import { databaseHoursPerMonth, taskHoursPerMonth } from '../src/schedule.ts'
import { planJson } from '../testing/plan-json.ts'
import { withoutTerraform } from '../testing/terraform.ts'
import { billOf, type Line } from './bill.ts'
import { readSaved, savedOf } from './difference.ts'
import { assertWithinLimits, type Estimate, linesOf, profileNames } from './estimate.ts'
import { documentTables, readDocument } from './markdown.ts'
import { estimatePlatform, stackNames, synthesize } from './platform.ts'
import { priceList } from './prices.ts'
import { readPlan, readSynth } from './resources.ts'
import { usageOf } from './usage.ts'

/** The day of the prices, so that the passing of time changes nothing here. */
const now = new Date(priceList.date)
let estimates: Estimate[]
beforeAll(() => {
  estimates = profileNames.map((profile) => estimatePlatform(profile, now))
})
const [economy, , ha] = [() => estimates[0]!, 0, () => estimates[2]!]

describe('production and sleeping staging together', () => {
  test.each(profileNames.map((profile, index) => [profile, index] as const))(
    'stay within the limit of %s',
    (_, index) => expect(() => assertWithinLimits([estimates[index]!])).not.toThrow(),
  )

  test('are in the price with everything: computing, data, the way in, model calls, what the account has once', () => {
    const has = (environment: string, service: string) =>
      linesOf(economy(), [environment]).some((line) => line.service === service && line.usd > 0)
    for (const service of ['Fargate', 'Public IPv4', 'RDS', 'Secrets Manager', 'Model calls']) {
      expect([service, has('production', service), has('staging', service)]).toEqual([service, true, true])
    }
    expect(['Load balancer', 'ElastiCache'].map((service) => has('staging', service))).toEqual([false, false])
    expect(has('bootstrap', 'ECR')).toBe(true)
  })

  test('pay no NAT in any profile', () => {
    expect(estimates.flatMap(({ bill }) => bill.lines).filter(({ service }) => service === 'NAT')).toEqual([])
  })
})

describe('the hours that are priced', () => {
  const { hours, asleep } = environments.find(({ name }) => name === 'staging')!
  const quantityOf = (estimate: Estimate, environment: string, resource: string, price: string) =>
    linesOf(estimate, [environment])
      .filter((line) => line.resource === resource && line.price === price)
      .map(({ quantity }) => quantity)

  test('of production are those of the one schedule', () => {
    const [web] = quantityOf(economy(), 'production', 'aws_ecs_service.service-web-blue', 'fargate.arm.memory')
    expect(web).toBeCloseTo(taskHoursPerMonth(hours), 6)
    const [database] = quantityOf(economy(), 'production', 'aws_db_instance.database', 'rds.db.t4g.micro')
    expect(database).toBeCloseTo(databaseHoursPerMonth(hours), 6)
  })

  test('of staging are those that it may be awake', () => {
    const [worker] = quantityOf(economy(), 'staging', 'aws_ecs_service.service-worker', 'fargate.arm.spot.memory')
    expect(worker).toBe(asleep!.wakeHoursPerMonth)
    const [database] = quantityOf(economy(), 'staging', 'aws_db_instance.database', 'rds.db.t4g.micro')
    expect(database).toBe(asleep!.wakeHoursPerMonth)
  })

  test('of the highest profile are all of a month, twice', () => {
    const [web] = quantityOf(ha(), 'production', 'aws_ecs_service.service-web-blue', 'fargate.arm.memory')
    expect(web).toBeCloseTo(2 * 730, 6)
  })
})

describe('the price that goes with the commit', () => {
  test('is that of the stacks: npm run cost -- --save', () => expect(readSaved()).toEqual(savedOf(estimates)))

  test('stands in the document: npm run cost -- --save', () => {
    const { text, renewed } = readDocument(documentTables(estimates, priceList))
    expect(text).toBe(renewed)
  })
})

describe.skipIf(withoutTerraform)('a plan of Terraform', () => {
  const cases = stackNames.flatMap((name) => (name === 'production' ? profileNames : (['economy'] as const)).map((profile) => [name, profile] as const)) // prettier-ignore

  test.each(cases)('has the same price as what was synthesized: %s, %s', async (environment, profile) => {
    const stack = synthesize(environment, profile)
    const folder = mkdtempSync(join(tmpdir(), 'dayshift-cost-'))
    try {
      writeFileSync(join(folder, 'cdk.tf.json'), JSON.stringify(stack))
      const priced = [readSynth(stack), readPlan(await planJson(folder))].map((resources) =>
        billOf([{ environment, resources, usage: usageOf('awake', 40) }], priceList)
          .lines.map(told)
          .toSorted(),
      )
      expect(priced[1]).toEqual(priced[0])
      expect(priced[0]!.length).toBeGreaterThan(3)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

const told = ({ resource, what, price, quantity }: Line): string => `${resource} ${what} ${price} ${quantity}`
