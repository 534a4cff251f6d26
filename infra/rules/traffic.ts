import type { Rule, Violation } from './rule.ts'
import { referred, type Resource, type Subject, value, values } from './subject.ts'
import { containersOf } from './tasks.ts'

interface Share {
  arn: unknown
  weight: number
}

const shares = ({ attributes }: Resource): Share[] =>
  values(attributes, 'action.forward.target_group').map((each) => ({
    arn: value(each, 'arn'),
    weight: Number(value(each, 'weight')),
  }))

/** Target groups whose service runs an image that a digest names; the groups of services without one. */
function released(subject: Subject): { with: Resource[]; without: Resource[] } {
  const groups = { with: [] as Resource[], without: [] as Resource[] }
  for (const { attributes } of subject.of('aws_ecs_service')) {
    const [group] = referred(subject.of('aws_lb_target_group'), value(attributes, 'load_balancer.target_group_arn'))
    if (!group) continue
    const tasks = referred(subject.of('aws_ecs_task_definition'), attributes.task_definition)
    const images = containersOf(subject)
      .filter(({ task }) => tasks.includes(task))
      .map(({ definition }) => String(definition.image))
    const isReleased = images.length > 0 && images.every((image) => /@sha256:[0-9a-f]{64}$/.test(image))
    groups[isReleased ? 'with' : 'without'].push(group)
  }
  return groups
}

export const trafficRules: Rule[] = [
  {
    id: 'weights-sum-to-100',
    says: 'The weights of a rule of the listener sum up to 100.',
    sources: ['docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-action-types.html'],
    check: (subject) =>
      subject
        .of('aws_lb_listener_rule', 'aws_lb_listener')
        .filter((rule) => shares(rule).length > 0)
        .map((rule) => ({ rule, sum: shares(rule).reduce((sum, { weight }) => sum + weight, 0) }))
        .filter(({ sum }) => sum !== 100)
        .map(({ rule: { address }, sum }) => ({ address, expected: 'weights of 100 together', came: String(sum) })),
  },
  {
    id: 'weight-needs-image',
    says: 'Only a colour with an image has traffic; before the first release there is none, and one colour answers for it.',
    sources: ['releases/<environment>.json'],
    check: (subject) => {
      const groups = released(subject)
      if (groups.with.length === 0 && groups.without.length > 0) return []
      return subject.of('aws_lb_listener_rule').flatMap((rule) =>
        shares(rule).flatMap(({ arn, weight }): Violation[] => {
          const [empty] = referred(groups.without, arn)
          if (!empty || weight === 0) return []
          return [
            {
              address: rule.address,
              expected: `no weight for ${empty.address}, which has no image`,
              came: String(weight),
            },
          ]
        }),
      )
    },
  },
]
