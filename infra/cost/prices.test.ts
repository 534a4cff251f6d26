import { describe, expect, test } from 'vitest'
import { freeTypes, pricers } from './pricers.ts'
import { getPriceKey, priceList } from './prices.ts'

const prices = Object.entries(priceList.prices)

describe('the prices', () => {
  test('have a region, a day, and each a source', () => {
    expect(priceList).toMatchObject({ region: 'us-east-1', date: expect.stringMatching(/^2026-/) })
    expect(prices.filter(([, { source }]) => source.length < 5)).toEqual([])
  })

  test('that are uncertain are never higher than they can be', () => {
    const wrong = prices.filter(
      ([, { usd, atMostUsd, uncertain }]) => atMostUsd !== undefined && (atMostUsd < usd || !uncertain),
    )
    expect(wrong).toEqual([])
  })

  test('hold together: Spot is 30 % of the price on demand, two zones cost twice', () => {
    const usd = (key: keyof typeof priceList.prices) => priceList.prices[key].usd
    for (const part of ['vcpu', 'memory'] as const) {
      expect(usd(`fargate.arm.spot.${part}`) / usd(`fargate.arm.${part}`)).toBeCloseTo(0.3, 3)
      expect(usd(`fargate.x86.spot.${part}`) / usd(`fargate.x86.${part}`)).toBeCloseTo(0.301, 2)
    }
    expect(usd('rds.gp3.multi-az') / usd('rds.gp3')).toBeCloseTo(2, 10)
    expect(usd('rds.db.t4g.micro.multi-az') / usd('rds.db.t4g.micro')).toBeCloseTo(2, 10)
  })

  test('that are put together of a size and are not there are asked for by name', () => {
    expect(() => getPriceKey('rds.db.r8g.large', 'aws_db_instance.main')).toThrow(
      'aws_db_instance.main has no price: add rds.db.r8g.large with its source to infra/cost/prices.json.',
    )
  })
})

test('a type of resource is priced or free, not both', () => {
  expect(Object.keys(pricers).filter((type) => type in freeTypes)).toEqual([])
})
