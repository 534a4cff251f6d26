import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { App, Testing } from './aws.ts'
import { environments } from './environments.ts'
import { EnvironmentStack } from './stack.ts'
import { environmentOf, released } from './testing/environment.ts'
import { planOf } from './testing/foundation.ts'

interface Terraform {
  terraform: { backend: Record<string, object>; required_version: string }
  provider: object
}
const built = (state: object): Terraform =>
  JSON.parse(
    Testing.synth(new EnvironmentStack(new App(), planOf('production', 'economy'), released, state), true),
  ) as Terraform

describe('a stack', () => {
  test('keeps its state in the bucket, locked by a file beside it', () => {
    const kept = { key: 'dayshift/production.tfstate', region: 'us-east-1', encrypt: true, use_lockfile: true }
    expect(built({ bucket: 'dayshift-state-1' }).terraform.backend).toEqual({
      s3: { ...kept, bucket: 'dayshift-state-1' },
    })
    // Terraform then asks for it: no account is known here.
    expect(built({}).terraform.backend).toEqual({ s3: kept })
    expect(built({ folder: '/tmp/states' }).terraform.backend).toEqual({
      local: { path: '/tmp/states/production.tfstate' },
    })
  })

  test('asks for the Terraform that keeps write-only values out of the state', () => {
    expect(built({}).terraform.required_version).toBe('>= 1.11.0')
  })

  test('tags everything', () => {
    expect(built({}).provider).toMatchObject({
      aws: [
        {
          region: 'us-east-1',
          default_tags: [{ tags: { Project: 'dayshift', Environment: 'production', ManagedBy: 'cdktf' } }],
        },
      ],
    })
  })

  test.each(environments.map(({ name }) => name as 'production' | 'staging'))(
    'of %s names its resources after its environment, so that two can live in one account',
    (environment) => {
      const { json } = environmentOf(released, environment, 'ha')
      // Those two are inside something that has the name already.
      const named = Object.entries(json.resource!).flatMap(([type, resources]) =>
        Object.values(resources).flatMap(({ name }) =>
          typeof name === 'string' && !/iam_role_policy|backup_selection/.test(type) ? [name] : [],
        ),
      )
      expect(named.length).toBeGreaterThan(20)
      for (const name of named)
        expect(name).toMatch(new RegExp(`^(alias/)?(/aws/rds/instance/|/)?dayshift[-/]${environment}`))
    },
  )

  test('gives no role more than the boundary', () => {
    const roles = Object.values(environmentOf(released, 'production', 'ha').all('aws_iam_role'))
    expect(roles.length).toBeGreaterThan(3)
    for (const role of roles) expect(role.permissions_boundary).toMatch(/:policy\/dayshift-boundary$/)
  })
})

describe('the program', () => {
  const run = (env: Record<string, string>) => {
    const folder = mkdtempSync(join(tmpdir(), 'synth-'))
    const options = { env: { PATH: process.env.PATH, CDKTF_OUTDIR: folder, ...env }, encoding: 'utf8', stdio: 'pipe' }
    const main = new URL('main.ts', import.meta.url).pathname
    const output = execFileSync(process.execPath, ['--disable-warning=DEP0044', main], options as object)
    return { output, folder, stacks: readdirSync(join(folder, 'stacks')).sort() }
  }

  test('builds the bootstrap, the delivery and all environments, without a network, an account or a word', () => {
    const { output, stacks } = run({})
    expect(output).toBe('')
    expect(stacks).toEqual(['bootstrap', 'delivery', 'production', 'staging'])
  })

  test('builds one environment in another profile', () => {
    const { folder, stacks } = run({ ENVIRONMENT: 'production', PROFILE: 'ha', STATE_BUCKET: 'dayshift-state-1' })
    expect(stacks).toEqual(['production'])
    const text = readFileSync(join(folder, 'stacks/production/cdk.tf.json'), 'utf8')
    expect(text).toContain('"bucket": "dayshift-state-1"')
    expect(text).toContain('"multi_az": true')
  })

  test.each([
    [{ PROFILE: 'gold' }, 'PROFILE'],
    [{ ENVIRONMENT: 'qa' }, 'There is no environment qa'],
    [{ RELEASES: '/nowhere' }, '/nowhere/production.json'],
  ])('stops at %j with a word about it', (env, message) => {
    expect(() => run(env as Record<string, string>)).toThrow(message)
  })
})
