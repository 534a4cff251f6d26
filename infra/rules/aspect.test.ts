import { mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { App, type TerraformElement } from '../src/aws.ts'
import { bootstrap } from '../src/environments.ts'
import { BootstrapStack, EnvironmentStack } from '../src/stack.ts'
import { released } from '../src/testing/environment.ts'
import { planOf } from '../src/testing/foundation.ts'

const app = (): App => new App({ outdir: mkdtempSync(join(tmpdir(), 'rules-')) })
const element = (stack: EnvironmentStack | BootstrapStack, id: string): TerraformElement =>
  stack.node.findChild(id) as TerraformElement

describe('the synthesis', () => {
  test('of an environment stops at what breaks a rule, whichever way it came in, and says where, why, and what to do', () => {
    const broken = app()
    const stack = new EnvironmentStack(broken, planOf('production', 'ha'), released, {})
    element(stack, 'load-balancer').addOverride('internal', false)
    expect(() => broken.synth()).toThrow(
      /aws_lb\.load-balancer breaks the rule load-balancer-internal: .* Expected internal = true, .* came internal = false\. .*infra\/rules\/exceptions\.ts/s,
    )
  })

  test('says all that is wrong at once', () => {
    const broken = app()
    const stack = new EnvironmentStack(broken, planOf('production', 'ha'), released, {})
    element(stack, 'load-balancer').addOverride('internal', false)
    element(stack, 'database').addOverride('storage_encrypted', false)
    expect(() => broken.synth()).toThrow(/load-balancer-internal.*database-encrypted/s)
  })

  test('of what an account has once stops, too', () => {
    const broken = app()
    element(new BootstrapStack(broken, bootstrap, {}), 'images-web').addOverride('image_tag_mutability', 'MUTABLE')
    expect(() => broken.synth()).toThrow('aws_ecr_repository.images-web breaks the rule images-fixed')
  })

  test('of what breaks none is written', () => {
    const sound = app()
    new EnvironmentStack(sound, planOf('production', 'economy'), released, {})
    sound.synth()
    expect(readdirSync(join(sound.outdir, 'stacks'))).toEqual(['production'])
  })
})
