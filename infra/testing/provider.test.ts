import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openWorkspace, terraformVersion, type Workspace, withoutTerraform } from './terraform.ts'

type Resources = Record<string, Record<string, object>>

/** A stack as cdktf writes it, with an S3 backend that no test can reach. */
function stackOf(resource: Resources, rest: object = {}): object {
  return {
    terraform: {
      required_providers: { aws: { source: 'aws', version: '6.25.0' } },
      backend: { s3: { bucket: 'unreachable', key: 'state', region: 'us-east-1' } },
    },
    provider: { aws: [{ region: 'eu-central-1', default_tags: [{ tags: { Project: 'dayshift' } }] }] },
    resource,
    ...rest,
  }
}

const vpc = { aws_vpc: { main: { cidr_block: '10.20.0.0/16', tags: { Name: 'main' } } } }
const listener = (values: object): Resources => ({ aws_lb_listener: { web: values } })
const action = { type: 'fixed-response', fixed_response: { content_type: 'text/plain', status_code: '404' } }
const loadBalancerArn = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/web/50dc6c495c0c9188'
const service = { name: 'web', cluster: 'main', task_definition: 'web:1' }
const parameter = (value: string): object => ({ type: 'String', name: 'p', value })
const secret: Resources = { aws_secretsmanager_secret: { s: { name: 'dayshift-test' } } }
const version = (values: object): Resources => ({
  aws_secretsmanager_secret_version: { v: { secret_id: '${aws_secretsmanager_secret.s.id}', ...values } },
})
const password = { ephemeral: { aws_secretsmanager_random_password: { p: { password_length: 40 } } } }
const passwordValue = '${ephemeral.aws_secretsmanager_random_password.p.random_password}'

/** Everything that the cases below use, right. */
const right = stackOf(
  {
    ...vpc,
    ...secret,
    ...version({ secret_string_wo: passwordValue, secret_string_wo_version: 1 }),
    ...listener({ load_balancer_arn: loadBalancerArn, port: 80, protocol: 'HTTP', default_action: [action] }),
    aws_subnet: { a: { vpc_id: '${aws_vpc.main.id}', cidr_block: '10.20.0.0/20' } },
    aws_ecs_service: { web: { ...service, launch_type: 'FARGATE', deployment_configuration: { strategy: 'ROLLING' } } },
    aws_ssm_parameter: { a: parameter('1'), b: parameter('${aws_ssm_parameter.a.value}') },
    aws_lb: { web: { name: 'dayshift-web', internal: true } },
  },
  password,
)

const wrong: [what: string, stack: object, says: RegExp][] = [
  [
    'a reference to a missing resource',
    { aws_subnet: { a: { vpc_id: '${aws_vpc.other.id}' } } },
    /undeclared resource/,
  ],
  [
    'a reference to a missing attribute',
    { ...vpc, aws_subnet: { a: { vpc_id: '${aws_vpc.main.number}' } } },
    /Unsupported attribute/,
  ],
  ['an unknown argument', { aws_vpc: { main: { colour: 'blue' } } }, /Extraneous JSON object property.*"colour"/s],
  ['a wrong type', { aws_vpc: { main: { cidr_block: ['10.20.0.0/16'] } } }, /Incorrect attribute value type/],
  ['a missing required argument', { aws_subnet: { a: { cidr_block: '10.20.0.0/20' } } }, /"vpc_id" is required/],
  ['too few blocks', listener({ load_balancer_arn: loadBalancerArn }), /Insufficient default_action blocks/],
  [
    'too many blocks',
    {
      aws_ecs_service: {
        web: { ...service, deployment_configuration: [{ strategy: 'ROLLING' }, { strategy: 'ROLLING' }] },
      },
    },
    /Too many deployment_configuration blocks/,
  ],
  [
    'a cycle',
    {
      aws_ssm_parameter: { a: parameter('${aws_ssm_parameter.b.value}'), b: parameter('${aws_ssm_parameter.a.value}') },
    },
    /Cycle: aws_ssm_parameter/,
  ],
  ['an unknown function', { aws_ssm_parameter: { a: parameter('${shout("a")}') } }, /no function named "shout"/],
  ['a broken template', { aws_ssm_parameter: { a: parameter('${aws_vpc.main.id') } }, /Unclosed|Invalid|Missing/],
  [
    'an unknown value of an enumeration',
    { aws_ecs_service: { web: { ...service, deployment_configuration: { strategy: 'CANARRY' } } } },
    /strategy: expected one of BLUE_GREEN, CANARY, LINEAR, ROLLING; "CANARRY" came/,
  ],
  [
    'an attribute that only AWS sets',
    { aws_vpc: { main: { owner_id: '123456789012' } } },
    /owner_id: expected nothing/,
  ],
  [
    'arguments that exclude one another',
    {
      aws_ecs_service: {
        web: { ...service, launch_type: 'FARGATE', capacity_provider_strategy: { capacity_provider: 'FARGATE' } },
      },
    },
    /at most one of launch_type, capacity_provider_strategy/,
  ],
  ['a name that is too long', { aws_lb: { web: { name: 'x'.repeat(33) } } }, /name: expected at most 32 letters/],
  [
    'a secret in an argument that the state keeps',
    stackOf({ ...secret, ...version({ secret_string: passwordValue }) }, password),
    /Invalid use of ephemeral value|Ephemeral value/i,
  ],
]

describe.skipIf(withoutTerraform)(
  `Terraform ${terraformVersion ?? '(skipped: not installed)'} with the stub provider`,
  () => {
    let shared: Workspace
    beforeAll(async () => {
      shared = await openWorkspace(right)
    })
    afterAll(() => shared[Symbol.asyncDispose]())

    it('accepts a stack that is right', async () => {
      await use(shared, right)
      expect(await shared.succeed('validate')).toContain('The configuration is valid')
    })

    it.each(wrong)('refuses %s', async (_, stack, says) => {
      await use(shared, 'terraform' in stack ? stack : stackOf(stack as Resources))
      const { code, stdout, stderr } = await shared.terraform('validate')
      expect(code).toBe(1)
      expect(`${stdout}${stderr}`.replaceAll(/\s*[│╷╵]?\s+/g, ' ')).toMatch(says)
    })

    it('refuses an id where an ARN belongs, as soon as both are known', async () => {
      const stack = stackOf({
        ...vpc,
        ...listener({ load_balancer_arn: '${aws_vpc.main.id}', default_action: [action] }),
      })
      await using workspace = await openWorkspace(stack)
      await workspace.succeed('validate')
      const { code, stderr } = await workspace.terraform('apply', '-auto-approve')
      expect(code).toBe(1)
      expect(stderr).toMatch(/load_balancer_arn: expected an ARN; "vpc-[0-9a-f]{17}" came/)
    })

    it('applies, sees no difference afterwards, and destroys', async () => {
      await using workspace = await openWorkspace(right)
      expect(await workspace.succeed('apply', '-auto-approve')).toContain('9 added, 0 changed, 0 destroyed')
      // Exit code 2 would say that there are changes.
      await workspace.succeed('plan', '-detailed-exitcode')
      expect(await workspace.succeed('destroy', '-auto-approve')).toContain('9 destroyed')
    })

    it('shows in a plan the region of the provider and the tags that the resource will carry', async () => {
      await using workspace = await openWorkspace(right)
      await workspace.succeed('plan', '-out=plan.bin')
      const plan = JSON.parse(await workspace.succeed('show', '-json', 'plan.bin')) as {
        planned_values: { root_module: { resources: { address: string; values: object }[] } }
      }
      const planned = plan.planned_values.root_module.resources.find(({ address }) => address === 'aws_vpc.main')
      expect(planned?.values).toMatchObject({
        cidr_block: '10.20.0.0/16',
        region: 'eu-central-1',
        tags_all: { Project: 'dayshift', Name: 'main' },
      })
    })

    it('makes a new revision of a task definition for each change', async () => {
      const task = (image: string): object =>
        stackOf({
          aws_ecs_task_definition: {
            web: { family: 'web', container_definitions: JSON.stringify([{ name: 'web', image }]) },
          },
          aws_ecs_service: { web: { ...service, task_definition: '${aws_ecs_task_definition.web.arn}' } },
        })
      await using workspace = await openWorkspace(task('one'))
      await workspace.succeed('apply', '-auto-approve')
      await use(workspace, task('two'))
      expect(await workspace.succeed('plan')).toContain('1 to add, 1 to change, 1 to destroy')
    })

    it('gives the password to the provider and to nothing that is kept', async () => {
      await using workspace = await openWorkspace(right)
      await workspace.succeed('plan', '-out=plan.bin')
      await workspace.succeed('apply', 'plan.bin')
      const { secretsGiven, writeOnlyReceived } = workspace.provider
      const received = writeOnlyReceived['aws_secretsmanager_secret_version.secret_string_wo']
      expect(received).toEqual([secretsGiven.at(-1)])
      expect(secretsGiven.at(-1)).toHaveLength(40)
      const shown = await workspace.succeed('show', '-json', 'plan.bin')
      const state = await workspace.readState()
      expect(state).toContain('"secret_string_wo_version": 1')
      for (const given of secretsGiven) {
        expect(state).not.toContain(given)
        expect(shown).not.toContain(given)
      }
    })

    it('imports what exists', async () => {
      const stack = stackOf(vpc, { import: [{ to: 'aws_vpc.main', id: 'vpc-0123456789abcdef0' }] })
      await using workspace = await openWorkspace(stack)
      expect(await workspace.succeed('apply', '-auto-approve')).toContain('1 imported')
      expect(await workspace.readState()).toContain('"id": "vpc-0123456789abcdef0"')
    })
  },
)

function use({ dir }: Workspace, stack: object): Promise<void> {
  return writeFile(join(dir, 'cdk.tf.json'), JSON.stringify(stack))
}
