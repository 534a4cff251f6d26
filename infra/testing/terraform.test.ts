import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { environments } from '../src/environments.ts'
import { profiles } from '../src/profiles.ts'
import { type Release, shift, stageRelease } from '../src/release.ts'
import { planJson } from './plan-json.ts'
import { firstRelease, newerImages, writeStack } from './stacks.ts'
import { openWorkspace, terraformVersion, type Workspace, withoutTerraform } from './terraform.ts'

interface Plan {
  resource_changes: { address: string; mode: string; change: { actions: string[] } }[]
}

const cases = environments.flatMap(({ name }) =>
  Object.values(profiles).map((profile) => [name, profile.name] as const),
)

describe.skipIf(withoutTerraform)(
  `Terraform ${terraformVersion ?? '(skipped: not installed)'} on the stacks`,
  { timeout: 300_000 },
  () => {
    let folder: string
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'dayshift-stacks-'))
    })
    afterAll(() => rm(folder, { recursive: true, force: true }))

    it.each(cases)('plans %s in the profile %s: everything is new', async (name, profile) => {
      const plan = (await planJson(writeStack(join(folder, `${name}-${profile}`), name, profile))) as Plan
      const managed = plan.resource_changes.filter(({ mode }) => mode === 'managed')
      expect(managed.length).toBeGreaterThan(50)
      expect(managed.filter(({ change }) => change.actions.join() !== 'create')).toEqual([])
    })

    it('deploys staging, sees no difference, keeps no secret in the state, and destroys it', async () => {
      await using workspace = await openApplied(writeStack(join(folder, 'deployed'), 'staging'))
      await workspace.succeed('plan', '-detailed-exitcode')

      const { secretsGiven, writeOnlyReceived } = workspace.provider
      const received = Object.values(writeOnlyReceived).flat()
      expect(secretsGiven.filter((secret) => received.includes(secret))).toHaveLength(1)
      const state = await workspace.readState()
      expect(secretsGiven.filter((secret) => state.includes(secret))).toEqual([])
      // RDS itself makes the administrator's password: the state knows where it is.
      expect(state).toContain('master_user_secret')

      expect(await workspace.succeed('destroy', '-auto-approve')).toContain('Destroy complete')
      expect(JSON.parse(await workspace.readState())).toMatchObject({ resources: [] })
    })

    it('does not destroy production while its database is protected', async () => {
      await using workspace = await openApplied(writeStack(join(folder, 'protected'), 'production'))
      const { code, stderr } = await workspace.terraform('destroy', '-auto-approve')
      expect(code).toBe(1)
      expect(stderr).toMatch(/deletion_protection/)
      expect(await workspace.readState()).toContain('"type": "aws_db_instance"')
    })

    it('shifts traffic, and takes it back, by small applies: the route and what follows it', async () => {
      const staged = stageRelease(firstRelease('production'), newerImages)
      await using workspace = await openApplied(writeStack(join(folder, 'staged'), 'production', 'ha', staged))
      const follow = async (name: string, release: Release): Promise<string[]> => {
        const next = writeStack(join(folder, name), 'production', 'ha', release)
        await copyFile(join(next, 'cdk.tf.json'), join(workspace.dir, 'cdk.tf.json'))
        await workspace.succeed('plan', '-out=plan.bin')
        const { resource_changes } = JSON.parse(await workspace.succeed('show', '-json', 'plan.bin')) as Plan
        await workspace.succeed('apply', 'plan.bin')
        return resource_changes
          .filter(({ change }) => change.actions.join() !== 'no-op' && change.actions.join() !== 'read')
          .map(({ address, change }) => `${change.actions.join('-')} ${address}`)
      }
      // With its first and its last traffic the clock, the scaling and the alarms of a colour come and go. Nothing that runs is touched.
      const route = 'update aws_lb_listener_rule.route'
      const follows = /^\S+ aws_(appautoscaling_\w+|cloudwatch_metric_alarm)\./
      const first = await follow('one-percent', shift(staged, 1))
      expect(first.filter((change) => !follows.test(change))).toEqual([route])
      expect(await follow('ten-percent', shift(staged, 10))).toEqual([route])
      const back = await follow('back', shift(staged, 0))
      expect(back.filter((change) => !follows.test(change))).toEqual([route])
    })
  },
)

async function openApplied(dir: string): Promise<Workspace> {
  const workspace = await openWorkspace(dir)
  await workspace.succeed('apply', '-auto-approve')
  return workspace
}
