import { describe, expect, test } from 'vitest'
import { differenceFrom, savedOf } from './difference.ts'
import { estimateOf } from './estimate.ts'
import { priceList } from './prices.ts'
import { stackOf } from './testing/stack.ts'

const secrets = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`s${index}`, {}]))
const priced = (count: number, keys = 0) => {
  const production = stackOf('production', {
    aws_secretsmanager_secret: secrets(count),
    aws_kms_key: secrets(keys),
    aws_cloudwatch_dashboard: { main: {} },
  })
  const staging = stackOf('staging', { aws_secretsmanager_secret: secrets(1) })
  return savedOf([estimateOf('economy', [production, staging], [], priceList)])
}

describe('the price that a commit carries', () => {
  test('is by profile, environment and service, to the cent, without what costs nothing', () => {
    expect(priced(3)).toEqual({
      economy: { production: { 'Secrets Manager': 1.2 }, staging: { 'Secrets Manager': 0.4 } },
    })
  })

  test('differs by the services that changed', () => {
    expect(differenceFrom(priced(3), priced(1, 1), 'economy', ['production', 'staging'])).toEqual({
      usd: 0.2,
      services: { 'Secrets Manager': -0.8, KMS: 1 },
    })
    expect(differenceFrom(priced(3), priced(3), 'economy', ['production'])).toEqual({ usd: 0, services: {} })
  })

  test('differs in the environments that are asked for only', () => {
    expect(differenceFrom(priced(3), priced(1), 'economy', ['staging'])).toEqual({ usd: 0, services: {} })
  })

  test('of a profile that it does not have is not known', () => {
    expect(differenceFrom({}, priced(3), 'economy', ['production'])).toBeUndefined()
  })
})
