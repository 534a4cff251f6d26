import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { environments } from '../src/environments.ts'

interface Step {
  name?: string
  uses?: string
  run?: string
  with?: Record<string, unknown>
}
interface Job {
  needs?: string | string[]
  uses?: string
  environment?: string
  permissions?: Record<string, string>
  'runs-on'?: string
  steps?: Step[]
}
interface Workflow {
  on: Record<string, unknown>
  permissions: Record<string, string>
  concurrency: { group: string; 'cancel-in-progress': boolean | string }
  jobs: Record<string, Job>
}
interface Buildspec {
  env: { 'exported-variables'?: string[] }
  phases: Record<string, { commands?: string[] }>
}

const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url))
const read = (name: string): string => readFileSync(path(name), 'utf8')
const files = readdirSync(path('.github/workflows'))
const workflow = (name: string): Workflow => parse(read(`.github/workflows/${name}`), { merge: false }) as Workflow
const buildspec = (name: string): Buildspec => parse(read(`infra/delivery/${name}.yml`)) as Buildspec
const jobsOf = (name: string): [string, Job][] => Object.entries(workflow(name).jobs)
const deploy = workflow('deploy.yml')

describe('the workflows', () => {
  test('are these', () => expect(files.sort()).toEqual(['ci.yml', 'deploy.yml']))

  test.each(files)('%s takes every action at a commit, and says which version that is', (name) => {
    const uses = read(`.github/workflows/${name}`).match(/uses: .*/g) ?? []
    expect(uses.length).toBeGreaterThan(2)
    for (const line of uses.filter((each) => !each.includes('uses: ./')))
      expect(line).toMatch(/^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
  })

  test.each(files)('%s gives each job only what it needs', (name) => {
    const { permissions } = workflow(name)
    expect(permissions).toEqual(name === 'ci.yml' ? { contents: 'read' } : {})
    for (const [job, { permissions = {}, steps = [] }] of jobsOf(name)) {
      const signsIn = steps.some(({ uses = '' }) => uses.startsWith('aws-actions/configure-aws-credentials@'))
      expect([job, permissions['id-token']]).toEqual([job, signsIn ? 'write' : undefined])
      const commits = steps.some(({ run = '' }) => run.includes('git push'))
      expect([job, permissions.contents ?? 'read']).toEqual([job, commits ? 'write' : 'read'])
      expect(Object.keys(permissions).every((key) => ['contents', 'id-token'].includes(key))).toBe(true)
      // A job that may become a role must not also write the repository.
      expect(signsIn && commits).toBe(false)
    }
  })

  test.each(files)('%s holds no key and no secret', (name) => {
    expect(read(`.github/workflows/${name}`)).not.toMatch(/secrets\.|access-key|AKIA/i)
  })

  test('of pull requests do not come near AWS', () => {
    expect(Object.keys(workflow('ci.yml').on).sort()).toEqual(['pull_request', 'workflow_call'])
    expect(read('.github/workflows/ci.yml')).not.toMatch(/aws-actions|pull_request_target/)
    expect(Object.keys(deploy.on).sort()).toEqual(['push', 'workflow_dispatch'])
  })

  test('deploy one after the other, never half of one', () => {
    expect(deploy.concurrency).toEqual({ group: 'deploy', 'cancel-in-progress': false })
  })
})

describe('a deployment from GitHub', () => {
  test('is built and tested, then in staging, then in production', () => {
    const needs = Object.fromEntries(jobsOf('deploy.yml').map(([name, { needs = [] }]) => [name, [needs].flat()]))
    expect(needs).toEqual({
      ci: [],
      images: ['ci'],
      staging: ['images'],
      production: ['images', 'staging'],
      record: ['staging', 'production'],
    })
    expect(deploy.jobs.ci!.uses).toBe('./.github/workflows/ci.yml')
  })

  test.each(environments.map(({ name }) => name))('to %s is in its environment, with its role', (name) => {
    const { environment, steps = [] } = deploy.jobs[name]!
    expect(environment).toBe(name)
    const role = steps.find(({ uses = '' }) => uses.startsWith('aws-actions/'))?.with?.['role-to-assume']
    expect(role).toMatch(new RegExp(`:role/deploy-dayshift-${name}$`))
  })

  test('wakes before it releases, migrates before it shifts, and asks in the end', () => {
    for (const [name, shift] of [
      ['staging', 'shift 100'],
      ['production', 'shift 1 10 50 90 100'],
    ] as const)
      // prettier-ignore
      expect(releaseCommands(deploy.jobs[name]!.steps!.map(({ run = '' }) => run))).toEqual(order(shift))
  })

  test('builds on the processor that Fargate has here', () => {
    expect(deploy.jobs.images!['runs-on']).toMatch(/-arm$/)
  })
})

describe('the builds in AWS', () => {
  const { phases } = buildspec('release')
  test('release by the same commands in the same order', () => {
    expect(releaseCommands(Object.values(phases).flatMap(({ commands = [] }) => commands))).toEqual(
      order('shift $STEPS'),
    )
  })

  test('check and test before they push, and hand on the digests', () => {
    const { phases, env } = buildspec('build')
    const commands = Object.values(phases).flatMap(({ commands = [] }) => commands)
    const at = (text: string): number => commands.findIndex((command) => command.includes(text))
    expect(at('npm run --silent check')).toBeGreaterThan(-1)
    expect(at('npm run --silent check')).toBeLessThan(at('npm test'))
    expect(at('npm test')).toBeLessThan(at('push-images.sh'))
    // CodeBuild goes on with the next phase after a failure.
    expect(phases.build!.commands![0]).toBe('test "$CODEBUILD_BUILD_SUCCEEDING" = 1')
    expect(env['exported-variables']).toEqual(['WEB_DIGEST', 'WORKER_DIGEST'])
  })
})

test.each(readdirSync(path('infra/delivery')).filter((name) => name.endsWith('.sh')))(
  '%s is a script that bash can read, and stops at the first failure',
  (name) => {
    execFileSync('bash', ['-n', path(`infra/delivery/${name}`)])
    expect(read(`infra/delivery/${name}`)).toContain('set -euo pipefail')
  },
)

const order = (shift: string): string[] => ['pull', 'wake', 'prepare', 'migrate', shift, 'smoke']

/** `prepare` of `npm run release -- prepare --web …`; of a shift its steps, too. */
const releaseCommands = (runs: string[]): string[] =>
  runs.flatMap((run) => {
    const words = /release -- (.*)$/m.exec(run)?.[1]
    if (words === undefined) return []
    return [words.startsWith('shift') ? words.replace(/ --.*/, '') : words.split(' ')[0]!]
  })
