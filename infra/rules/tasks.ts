import { type Rule, show, type Violation } from './rule.ts'
import { each, needed, referred, type Resource, type Subject, value, values } from './subject.ts'

export interface Container {
  task: Resource
  name: string
  definition: Record<string, unknown>
}

/** Containers of all task definitions; text that is no list of them counts as none, which `containers-closed` refuses. */
export const containersOf = (subject: Subject): Container[] =>
  subject
    .of('aws_ecs_task_definition')
    .flatMap((task) => definitions(task).map((definition) => ({ task, name: String(definition.name), definition })))

function definitions({ attributes }: Resource): Record<string, unknown>[] {
  try {
    return JSON.parse(String(attributes.container_definitions)) as Record<string, unknown>[]
  } catch {
    return []
  }
}

export const environmentOf = ({ definition }: Container): Record<string, string> =>
  Object.fromEntries(
    (values(definition, 'environment') as { name: string; value: string }[]).map(({ name, value: set }) => [name, set]),
  )

/** Names under which secrets are, and forms that hold one. An ARN says only where it is. */
const secretName = /(PASSWORD|PASSWD|SECRET|TOKEN|PRIVATE_KEY|API_KEY|ACCESS_KEY|CREDENTIALS)/i
const secretUrl = /:\/\/[^\s/:@]+:[^\s/@]+@/

const service = (subject: Subject): Resource[] => subject.of('aws_ecs_service')

const closed = (container: Container): Violation[] => {
  const { task, name, definition } = container
  const wrong = (expected: string, came: unknown): Violation => ({
    address: task.address,
    expected: `${expected} in ${name}`,
    came: show(came),
  })
  return [
    ...(definition.readonlyRootFilesystem === true
      ? []
      : [wrong('readonlyRootFilesystem = true', definition.readonlyRootFilesystem)]),
    ...(definition.privileged === true ? [wrong('privileged = false', true)] : []),
    ...(values(definition, 'linuxParameters.capabilities.add').length > 0
      ? [wrong('no capabilities added', value(definition, 'linuxParameters.capabilities'))]
      : []),
  ]
}

export const taskRules: Rule[] = [
  {
    id: 'two-roles',
    number: 37,
    says: 'What ECS may do to start a task is one role, what the task itself may do another.',
    sources: ['CKV_AWS_249'],
    check: (subject, plan) => [
      ...(plan ? needed(subject, 'aws_ecs_task_definition', 'tasks') : []),
      ...subject
        .of('aws_ecs_task_definition')
        .filter(
          ({ attributes: { task_role_arn: own, execution_role_arn: starts } }) => !own || !starts || own === starts,
        )
        .map(({ address, attributes }) => ({
          address,
          expected: 'task_role_arn and another execution_role_arn',
          came: show(attributes.task_role_arn),
        })),
    ],
  },
  {
    id: 'containers-closed',
    number: 38,
    says: 'A container is not privileged, has no more capabilities, and cannot write to its own files.',
    sources: ['CKV_AWS_334', 'CKV_AWS_336'],
    check: (subject) => [
      ...subject
        .of('aws_ecs_task_definition')
        .filter((task) => definitions(task).length === 0)
        .map(({ address, attributes }) => ({
          address,
          expected: 'container_definitions in JSON',
          came: show(attributes.container_definitions),
        })),
      ...containersOf(subject).flatMap(closed),
    ],
  },
  {
    id: 'no-secret-in-environment',
    number: 39,
    says: 'No container gets a secret in its environment: it is told where the secret is.',
    sources: ['CKV_SECRET_6', 'AWS-0036'],
    check: (subject) =>
      containersOf(subject).flatMap((container) =>
        Object.entries(environmentOf(container))
          .filter(([name, set]) => (secretName.test(name) && !name.endsWith('_ARN')) || secretUrl.test(set))
          // What came is not repeated: it may be the secret.
          .map(([name]) => ({ address: container.task.address, expected: `${name}_ARN in its place`, came: name })),
      ),
  },
  {
    id: 'container-insights',
    number: 47,
    says: 'In production Container Insights watches the cluster.',
    sources: ['CKV_AWS_65', 'AWS-0034'],
    check: (subject, plan) =>
      plan?.production
        ? subject.of('aws_ecs_cluster').flatMap(({ address, attributes }) => {
            const settings = values(attributes, 'setting') as { name: string; value: string }[]
            const set = settings.find(({ name }) => name === 'containerInsights')?.value
            const expected = 'containerInsights = enabled or enhanced'
            return ['enabled', 'enhanced'].includes(String(set)) ? [] : [{ address, expected, came: show(set) }]
          })
        : [],
  },
  {
    id: 'desired-count-ignored',
    says: 'Terraform leaves the number of tasks to the clock and the load: a deployment at night starts nothing.',
    sources: ['docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-scheduled-scaling.html'],
    check: (subject) =>
      service(subject)
        .filter(({ attributes }) => !values(attributes, 'lifecycle.ignore_changes').includes('desired_count'))
        .map(({ address, attributes }) => ({
          address,
          expected: 'lifecycle.ignore_changes with desired_count',
          came: show(attributes.lifecycle),
        })),
  },
  {
    id: 'time-to-stop',
    says: 'A task has the two minutes to stop that Fargate Spot gives as notice.',
    sources: ['docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html'],
    check: (subject) =>
      containersOf(subject)
        .filter(({ definition }) => definition.stopTimeout !== 120)
        .map(({ task: { address }, name, definition }) => ({
          address,
          expected: `stopTimeout = 120 in ${name}`,
          came: show(definition.stopTimeout),
        })),
  },
  {
    id: 'deployments-taken-back',
    says: 'A deployment that does not start, or that raises an alarm, is taken back; the alarms are in the stack.',
    sources: ['docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html'],
    check: (subject, plan) => [
      ...each(service(subject), 'deployment_circuit_breaker.rollback', true),
      // A lodger has no alarms: the ten that cost nothing are its host's.
      ...(plan && !plan.lodgesWith
        ? [
            ...each(service(subject), 'alarms.rollback', true),
            ...service(subject)
              .filter(
                ({ attributes }) =>
                  attributes.alarms !== undefined && values(attributes, 'alarms.alarm_names').length === 0,
              )
              .map(({ address }) => ({ address, expected: 'alarms.alarm_names', came: 'nothing' })),
          ]
        : []),
      ...service(subject).flatMap(({ address, attributes }) =>
        values(attributes, 'alarms.alarm_names')
          .filter((name) => !isAlarm(subject, name))
          .map((name) => ({ address, expected: `an alarm of the name ${show(name)}`, came: 'nothing' })),
      ),
    ],
  },
]

function isAlarm(subject: Subject, name: unknown): boolean {
  const alarms = subject.of('aws_cloudwatch_metric_alarm', 'aws_cloudwatch_composite_alarm')
  return alarms.some(({ attributes }) => attributes.alarm_name === name) || referred(alarms, name).length > 0
}
