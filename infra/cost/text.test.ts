import { describe, expect, test } from 'vitest'
import { estimateOf } from './estimate.ts'
import { priceList } from './prices.ts'
import { stackOf } from './testing/stack.ts'
import { comparisonText, estimateText } from './text.ts'

const production = stackOf('production', {
  aws_secretsmanager_secret: { one: {}, two: {} },
  aws_kms_key: { main: {} },
  aws_lb: { main: { internal: true, subnets: [] } },
  aws_vpc: { main: {} },
})
const staging = stackOf('staging', { aws_secretsmanager_secret: { one: {} } })
const economy = estimateOf('economy', [production, staging], [], priceList)
const standard = estimateOf('standard', [production], [], priceList)
const between = (text: string, from: string, to: string) => text.slice(text.indexOf(from), text.indexOf(to))

describe('the price of an environment', () => {
  const difference = { usd: 1.4, services: { KMS: 1, 'Secrets Manager': 0.4 } }
  const text = estimateText(economy, ['production'], difference, priceList)

  test('has every line with its amount, its unit price and its dollars, by service, the dearest first', () => {
    expect(between(text, 'Load balancer', '\n\nA month').replaceAll(/ {2,}/g, ' | ')).toBe(
      [
        'Load balancer | 16.43',
        ' | lb.main: application load balancer | 730 × hour | 0.0225 | 16.43',
        'KMS | 1.00',
        ' | kms_key.main: key | 1 × key | 1 | 1.00',
        ' | kms_key.main: uses | 0 × 10,000 calls | 0.03 | 0.00',
        'Secrets Manager | 0.80',
        ' | secretsmanager_secret.one: secret | 1 × secret | 0.4 | 0.40',
        ' | secretsmanager_secret.two: secret | 1 × secret | 0.4 | 0.40',
      ].join('\n'),
    )
  })

  test('has the month, the year, and the month when uncertain prices are at their highest', () => {
    // 16.425 + 1 + 0.8 = 18.225; a key may cost 3 dollars after two rotations.
    expect(text).toContain('A month 18.23, a year 218.70. With every uncertain price at its highest a month is 20.23.')
  })

  test('has the difference from the last commit by service', () => {
    expect(text).toContain('Difference from the last commit: +1.40 (KMS +1.00, Secrets Manager +0.40).')
    expect(estimateText(economy, ['production'], undefined, priceList)).toContain('the last commit: it had no price.')
  })

  test('has what all environments together leave of the limit', () => {
    expect(text).toContain('production, staging together: 18.63, 36.38 below the limit of economy, 55.00.')
  })

  test('has what is assumed, what is free and why, and what is uncertain and why', () => {
    expect(text).toContain('load balancer capacity units, on average (far below 25 new connections a second)')
    expect(text).toMatch(/Free:\n {2}1 × aws_vpc: networks/)
    expect(text).toMatch(/Uncertain:\n {2}kms\.key, 1 per key, at most 3: the first year/)
  })
})

test('all profiles stand side by side with their limits and differences', () => {
  const text = comparisonText([economy, standard], [{ usd: -2, services: {} }, undefined], priceList)
  const lines = text.split('\n').map((line) => line.trimEnd().replaceAll(/ {2,}/g, ' | '))
  expect(lines).toEqual(expect.arrayContaining([' | economy | standard', 'Secrets Manager | 1.20 | 0.80']))
  expect(lines).toEqual(expect.arrayContaining(['a month | 18.63 | 18.23', 'limit | 55.00 | 85.00']))
  expect(lines).toEqual(
    expect.arrayContaining(['of it staging | 0.40 | 0.00', 'since the last commit | -2.00 | not known']),
  )
})
