import { describe, expect, it, test } from 'vitest'
import { sum } from '../cost/bill.ts'
import { linesOf, profileNames } from '../cost/estimate.ts'
import { readOptions as readCostOptions } from '../cost/options.ts'
import { estimatePlatform, stackNames } from '../cost/platform.ts'
import { readOptions as readReleaseOptions } from '../release/options.ts'
import { App, Testing } from '../src/aws.ts'
import { bootstrap, environments } from '../src/environments.ts'
import { BootstrapStack } from '../src/stack.ts'
import { environmentOf, released } from '../src/testing/environment.ts'
import { brokenLinks, commandsOf, listDocuments, readDocument, rowsOf, scriptOf, scriptsIn } from './docs.ts'

const documents = listDocuments()
const commands = documents.flatMap((document) =>
  commandsOf(document).map((command) => ({ path: document.path, command: filledIn(command) })),
)
const deploy = readDocument('docs/deploy.md')
const runbook = readDocument('docs/runbook.md')

const names = environments.map(({ name }) => name) as ('production' | 'staging')[]
const stacks = names.flatMap((name) => profileNames.map((profile) => environmentOf(released, name, profile)))
const account = JSON.parse(Testing.synth(new BootstrapStack(new App(), bootstrap, {}))) as { resource: object }

/** What people put in place of a gap. */
function filledIn(command: string): string {
  return command
    .replaceAll(/"\$W\w+_DIGEST"/g, `sha256:${'0'.repeat(64)}`)
    .replaceAll(/(--profile) <name>/g, '$1 economy')
}

describe('a command in a document', () => {
  const calls = commands.flatMap(({ path, command }) => {
    const call = scriptOf(command)
    return call ? [{ path, command, ...call }] : []
  })
  const argumentsOf = (script: string) => calls.filter((call) => call.script === script && call.folder === '.')

  it('runs a script that there is', () => {
    expect(calls.length).toBeGreaterThan(30)
    const missing = calls.filter(({ script, folder }) => !scriptsIn(folder).includes(script))
    expect(missing.map(({ path, command }) => `${path}: ${command}`)).toEqual([])
  })

  it('of the release is one that the release takes', () => {
    expect(argumentsOf('release').length).toBeGreaterThan(10)
    for (const { args } of argumentsOf('release')) expect(() => readReleaseOptions(args, names)).not.toThrow()
  })

  it('of the price is one that the price takes', () => {
    expect(argumentsOf('cost').length).toBeGreaterThan(5)
    for (const { args } of argumentsOf('cost')) expect(() => readCostOptions(args, stackNames)).not.toThrow()
  })

  it('of cdktf does what a script of infra does, to a stack that there is', () => {
    const calls = commands.flatMap(({ command }) =>
      [...(/\bnpx cdktf (\w+)(?: (\w+))?/.exec(command) ?? [])].slice(1, 3),
    )
    const known = [...scriptsIn('infra'), ...stackNames, undefined]
    expect(calls.length).toBeGreaterThan(20)
    expect(calls.filter((word) => !known.includes(word))).toEqual([])
  })
})

test('links lead somewhere', () => {
  expect(documents.flatMap(brokenLinks)).toEqual([])
})

describe('the runbook', () => {
  const namesOf = (type: string, attribute: string): string[] => {
    const all = stacks.flatMap(({ all: every }) => Object.values(every(type)).map((found) => String(found[attribute])))
    return [...new Set(all.map((name) => name.replace(/^dayshift-[a-z0-9]+-/, '')))].sort()
  }

  it('has every alarm, and no other', () => {
    const headings = [...runbook.text.matchAll(/^#### (.+)$/gm)].map(([, name]) => name!)
    expect(headings.sort()).toEqual(namesOf('aws_cloudwatch_metric_alarm', 'alarm_name'))
  })

  it('has every rule of events, and no other', () => {
    const items = [...runbook.text.matchAll(/^- \*\*([a-z-]+)\*\*/gm)].map(([, name]) => name!)
    expect(items.sort()).toEqual(namesOf('aws_cloudwatch_event_rule', 'name'))
  })
})

describe('what documents name', () => {
  const both = `${deploy.text}${runbook.text}`
  const written = JSON.stringify([...stacks.map(({ json }) => json), account])

  it('is a resource of a stack', () => {
    const addresses = both.match(/\baws_[a-z0-9_]+\.[a-z][a-z0-9-]*/g) ?? []
    expect(addresses.length).toBeGreaterThan(3)
    const known = [...stacks.map(({ json }) => json.resource!), account.resource].flatMap((resource) =>
      Object.entries(resource).flatMap(([type, found]) => Object.keys(found as object).map((id) => `${type}.${id}`)),
    )
    expect(addresses.filter((address) => !known.includes(address))).toEqual([])
  })

  it('is a name that AWS gets, but for what the runbook makes itself', () => {
    const made = ['restored', 'old', 'by-hand'].map((end) => `dayshift-production-${end}`)
    const found = both.match(/(?:\/dayshift\/production\/[a-z]+|dayshift-production(?:-[a-z0-9]+)*)/g) ?? []
    expect(found.length).toBeGreaterThan(30)
    expect(found.filter((name) => !written.includes(name) && !made.includes(name))).toEqual([])
  })
})

test('the prices of the steps are those of the price list', () => {
  const rows = rowsOf(deploy)
  const estimates = profileNames.map((profile) => estimatePlatform(profile, new Date()))
  for (const [row, stack] of [
    ['bootstrap', 'bootstrap'],
    ['production', 'production'],
    ['staging, asleep', 'staging'],
    ['delivery, as a pipeline in AWS', 'delivery'],
  ] as const)
    expect([row, rows.get(row)]).toEqual([
      row,
      estimates.map((estimate) => sum(linesOf(estimate, [stack]), 'usd').toFixed(2)),
    ])
  expect(rows.get('together')).toEqual(estimates.map(({ bill }) => bill.usd.toFixed(2)))
})
