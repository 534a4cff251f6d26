import { type Rule, show } from './rule.ts'
import { each, needed, referred, type Resource, type Subject, value, values } from './subject.ts'

const caches = (subject: Subject): Resource[] => subject.of('aws_elasticache_replication_group')

export const cacheRules: Rule[] = [
  {
    id: 'cache-encrypted',
    number: 24,
    says: 'The cache is encrypted at rest.',
    sources: ['CKV_AWS_29', 'AWS-0045'],
    check: (subject, plan) => [
      ...(plan && !plan.lodgesWith ? needed(subject, 'aws_elasticache_replication_group', 'a cache') : []),
      ...each(caches(subject), 'at_rest_encryption_enabled', true),
    ],
  },
  {
    id: 'cache-tls',
    number: 25,
    says: 'The cache takes connections with TLS alone, and every one of its users proves who it is.',
    sources: ['CKV_AWS_30', 'CKV_AWS_31', 'AWS-0051'],
    check: (subject) => [
      ...each(caches(subject), 'transit_encryption_enabled', true),
      ...caches(subject)
        .filter(({ attributes }) => attributes.transit_encryption_mode === 'preferred')
        .map(({ address }) => ({ address, expected: 'transit_encryption_mode = required', came: 'preferred' })),
      ...caches(subject)
        .filter(({ attributes }) => values(attributes, 'user_group_ids').length === 0 && !attributes.auth_token)
        .map(({ address }) => ({ address, expected: 'user_group_ids', came: 'nothing' })),
      ...subject
        .of('aws_elasticache_user')
        .filter(({ attributes }) => value(attributes, 'authentication_mode.type') !== 'iam')
        .map(({ address, attributes }) => ({
          address,
          expected: 'authentication_mode.type = iam',
          came: show(value(attributes, 'authentication_mode.type')),
        })),
    ],
  },
  {
    id: 'cache-snapshots',
    number: 26,
    says: 'The cache makes snapshots.',
    sources: ['CKV_AWS_134', 'AWS-0050'],
    check: (subject) =>
      caches(subject)
        .filter(({ attributes }) => !(Number(attributes.snapshot_retention_limit) >= 1))
        .map(({ address, attributes }) => ({
          address,
          expected: 'snapshot_retention_limit >= 1',
          came: show(attributes.snapshot_retention_limit),
        })),
  },
  {
    id: 'cache-keeps-all',
    says: 'The cache refuses what it has no room for, and never drops jobs or sessions.',
    sources: ['docs.bullmq.io/guide/going-to-production', 'github.com/taskforcesh/bullmq/issues/1437'],
    check: (subject) =>
      caches(subject).flatMap(({ address, attributes }) => {
        const groups = referred(subject.of('aws_elasticache_parameter_group'), attributes.parameter_group_name)
        const set = groups.flatMap((group) => values(group.attributes, 'parameter')) as {
          name: string
          value: string
        }[]
        const policy = set.find(({ name }) => name === 'maxmemory-policy')?.value
        if (policy === 'noeviction') return []
        return [{ address, expected: 'parameter maxmemory-policy = noeviction', came: show(policy) }]
      }),
  },
  {
    id: 'cache-own-keys',
    says: 'A user of the cache touches the keys and channels of its own environment alone.',
    sources: ['valkey.io/topics/acl'],
    check: (subject, plan) =>
      subject
        .of('aws_elasticache_user')
        .filter(({ attributes }) => {
          const patterns = String(attributes.access_string)
            .split(' ')
            .filter((word) => /^[~&%]|^all(keys|channels)$/.test(word))
          return (
            !plan ||
            patterns.length === 0 ||
            !patterns.every((word) => /^[~&]/.test(word) && word.slice(1) === `${plan.name}:*`)
          )
        })
        .map(({ address, attributes }) => ({
          address,
          expected: `access_string with ~${plan?.name ?? '<environment>'}:* and &${plan?.name ?? '<environment>'}:* alone`,
          came: show(attributes.access_string),
        })),
  },
]
