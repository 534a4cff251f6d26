import { findSecrets } from './secrets.ts'
import { type Rule, show } from './rule.ts'
import { each, type Resource, type Subject, value, values } from './subject.ts'

const tagNames = ['Project', 'Environment', 'ManagedBy']

/** Blocks whose tags the provider's own do not reach: what AWS starts later, in the name of these. */
const startsOthers: Record<string, string> = {
  aws_launch_template: 'tag_specifications',
}

/** Provider documentation, "Resource Tagging": default_tags do not reach what an auto scaling group or a template starts. */
const laterTags = (subject: Subject) =>
  subject.of(...Object.keys(startsOthers)).flatMap(({ type, address, attributes }: Resource) =>
    values(attributes, startsOthers[type]!).flatMap((block) => {
      const missing = tagNames.filter((name) => !value(block, `tags.${name}`))
      if (missing.length === 0) return []
      return [
        {
          address,
          expected: `tags ${tagNames.join(', ')} for each ${show(value(block, 'resource_type'))}`,
          came: `none named ${missing.join(', ')}`,
        },
      ]
    }),
  )

export const everythingRules: Rule[] = [
  {
    id: 'everything-tagged',
    says: 'Everything carries Project, Environment and ManagedBy, also what ECS starts, and nothing says otherwise.',
    sources: ['registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/resource-tagging'],
    check: (subject, plan) => [
      ...(subject.json.provider?.aws ?? [{}]).flatMap((provider) =>
        tagNames
          .filter((name) => !value(provider, `default_tags.tags.${name}`))
          .map((name) => ({ address: 'provider.aws', expected: `default_tags with ${name}`, came: 'nothing' })),
      ),
      ...(plan ? (subject.json.provider?.aws ?? []) : [])
        .filter((provider) => value(provider, 'default_tags.tags.Environment') !== plan?.name)
        .map((provider) => ({
          address: 'provider.aws',
          expected: `default_tags.tags.Environment = ${plan?.name}`,
          came: show(value(provider, 'default_tags.tags.Environment')),
        })),
      ...subject.of().flatMap(({ address, attributes }) =>
        tagNames
          .filter((name) => attributes.tags !== undefined && value(attributes.tags, name) !== undefined)
          .map((name) => ({
            address,
            expected: `no tag ${name} of its own`,
            came: show(value(attributes.tags, name)),
          })),
      ),
      ...each(subject.of('aws_ecs_service'), 'propagate_tags', 'SERVICE'),
      ...laterTags(subject),
    ],
  },
  {
    id: 'nothing-secret-written',
    says: 'No text in a stack looks like a key, an ARN with an account in it, or an address in the internet.',
    sources: ['CKV_SECRET_2', 'CKV_SECRET_6', 'CKV_SECRET_13'],
    // Where the state lies is no secret, although a path may look like a key. The text itself is not repeated.
    check: ({ json }) =>
      findSecrets({ ...json, terraform: undefined }).map(({ path, what }) => ({
        address: path,
        expected: 'a reference or a token',
        came: what,
      })),
  },
]
