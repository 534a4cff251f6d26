import { describe, expect, test } from 'vitest'
import { checkStack, type Report, sentenceOf } from './check.ts'
import { exceptions } from './exceptions.ts'
import { rules } from './rules.ts'
import type { StackJson } from './subject.ts'
import { accounts, type Candidate, committed, options } from './testing/subjects.ts'
import { mutable, type On } from './testing/broken.ts'
import { breaks } from './testing/breaks.ts'

const all = [...committed, ...accounts, ...options]

const texts = new Map<Candidate, string>()
/** A copy of the real stack: what is broken in it stays in it. */
function copy(candidate: Candidate): StackJson {
  const text = texts.get(candidate) ?? JSON.stringify(candidate.json())
  texts.set(candidate, text)
  return JSON.parse(text) as StackJson
}
const check = (candidate: Candidate): Report => checkStack(copy(candidate), candidate.plan)

describe('the stacks', () => {
  test.each(all.map((candidate) => [candidate.name, candidate] as const))('of %s break no rule', (_, candidate) => {
    expect(check(candidate).broken.map(sentenceOf)).toEqual([])
  })
})

describe('the exceptions', () => {
  test('each excuse something wherever they say', () => {
    const used = all.map((candidate) => ({ where: candidate.plan?.profile ?? 'account', used: check(candidate).used }))
    const idle = exceptions.flatMap((exception) =>
      exception.where
        // What an option of an environment brings is tried in one profile.
        .filter((where) => !isTried(exception.address, where))
        .filter((where) => !used.some((each) => each.where === where && each.used.has(exception)))
        .map((where) => `${exception.rule} of ${exception.address} in ${where} excuses nothing: take it away.`),
    )
    expect(idle).toEqual([])
  })

  test('give a rule that there is, and a reason in sentences', () => {
    for (const { rule, reason } of exceptions) {
      expect(rules.map(({ id }) => id)).toContain(rule)
      expect(reason).toMatch(/^.{30,}\.$/s)
    }
  })
})

const isTried = (address: string, where: string): boolean =>
  where !== 'economy' && /viewer_certificate|passage-target|legacy\.target/.test(address)

describe('the rules', () => {
  test('have names of their own and all 48 rows of the list', () => {
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length)
    const rows = new Set(rules.flatMap(({ number }) => (number === undefined ? [] : [number])))
    expect([...rows].sort((a, b) => a - b)).toEqual(Array.from({ length: 48 }, (_, n) => n + 1))
  })

  test('are each broken by something below', () => {
    const broken = new Set(breaks.map(({ rule }) => rule))
    expect(rules.map(({ id }) => id).filter((id) => !broken.has(id))).toEqual([])
  })

  const bases: Record<On, Candidate> = {
    economy: committed.find(({ plan }) => plan?.production && plan.profile === 'economy')!,
    ha: options.find(({ plan }) => plan?.ownKey)!,
    lodger: committed.find(({ plan }) => plan?.lodgesWith !== undefined && plan.profile === 'economy')!,
    account: accounts[0]!,
  }

  test.each(breaks.map((each) => [each.rule, each.what, each.on ?? 'ha', each] as const))(
    '%s: finds %s (%s), and nothing else does',
    (id, _, on, { mutate }) => {
      const json = copy(bases[on])
      mutate(mutable(json))
      const { broken } = checkStack(json, bases[on].plan)
      expect([...new Set(broken.map(({ rule }) => rule.id))]).toEqual([id])
      for (const violation of broken) {
        expect(violation.address).not.toBe('')
        expect(sentenceOf(violation)).toMatch(/Expected .+, came .+ write an exception/)
      }
    },
  )

  test('let the state lie at a path that looks like a key', () => {
    const json = { ...copy(bases.ha), terraform: { backend: { local: { path: `/tmp/${'aB3dE5gH7'.repeat(6)}` } } } }
    expect(checkStack(json, bases.ha.plan).broken).toEqual([])
  })

  test('let an alarm be silent that another one joins, which tells somebody', () => {
    const json = copy(bases.ha)
    const { add } = mutable(json)
    add('aws_cloudwatch_metric_alarm', 'by-name', { alarm_name: 'dayshift-production-by-name' })
    add('aws_cloudwatch_metric_alarm', 'by-reference', { alarm_name: 'dayshift-production-by-reference' })
    add('aws_cloudwatch_composite_alarm', 'joined', {
      alarm_rule:
        'ALARM("dayshift-production-by-name") OR ALARM("${aws_cloudwatch_metric_alarm.by-reference.alarm_name}")',
      alarm_actions: ['${aws_sns_topic.alarms.arn}'],
    })
    expect(checkStack(json, bases.ha.plan).broken).toEqual([])
  })
})
