import { type Rule, show, type Violation } from './rule.ts'
import { needed, referred, refersTo, type Resource, type Subject, value, values } from './subject.ts'

const groupTypes = ['aws_security_group', 'aws_default_security_group']
const ruleTypes = [
  'aws_vpc_security_group_ingress_rule',
  'aws_vpc_security_group_egress_rule',
  'aws_security_group_rule',
]

interface Way {
  resource: Resource
  direction: 'ingress' | 'egress'
  group: unknown
  attributes: Record<string, unknown>
}

/** All ways in and out of security groups: as resources of their own, and inside of groups. */
const waysOf = (subject: Subject): Way[] => [
  ...subject.of(...ruleTypes).map((resource): Way => {
    const { type, attributes } = resource
    const isEgress = type.endsWith('egress_rule') || attributes.type === 'egress'
    return { resource, direction: isEgress ? 'egress' : 'ingress', group: attributes.security_group_id, attributes }
  }),
  ...subject.of(...groupTypes).flatMap((resource) =>
    (['ingress', 'egress'] as const).flatMap((direction) =>
      values(resource.attributes, direction).map((attributes): Way => {
        const group = `\${${resource.address}.id}`
        return { resource, direction, group, attributes: attributes as Record<string, unknown> }
      }),
    ),
  ),
]

const addresses = ({ attributes }: Way): string[] =>
  ['cidr_ipv4', 'cidr_ipv6', 'cidr_blocks', 'ipv6_cidr_blocks'].flatMap((name) => values(attributes, name).map(String))

/** RFC 1918, RFC 6598 and RFC 4193; a reference is to something of the network. */
const isPrivate = (address: string): boolean =>
  address.startsWith('${') ||
  /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/.test(address) ||
  /^f[cd][0-9a-f]{2}:/i.test(address)

/** Groups of the database and the cache: nothing there opens a connection. */
function servedGroups(subject: Subject): Resource[] {
  const groups = subject.of('aws_security_group')
  const used = [
    ...subject.of('aws_db_instance').map(({ attributes }) => attributes.vpc_security_group_ids),
    ...subject.of('aws_elasticache_replication_group').map(({ attributes }) => attributes.security_group_ids),
  ]
  return referred(groups, used)
}

const withoutDescription = ({ address }: Resource, where: string): Violation => ({
  address,
  expected: `a description${where}`,
  came: 'nothing',
})

export const networkRules: Rule[] = [
  {
    id: 'no-public-way-in',
    number: 32,
    says: 'No security group lets in an address of the internet.',
    sources: ['CKV_AWS_24', 'CKV_AWS_25', 'CKV_AWS_260', 'CKV_AWS_277', 'AWS-0107'],
    check: (subject) =>
      waysOf(subject)
        .filter(({ direction }) => direction === 'ingress')
        .flatMap((way) =>
          addresses(way)
            .filter((address) => !isPrivate(address))
            .map((came) => ({
              address: way.resource.address,
              expected: 'a group, a prefix list or a private address',
              came,
            })),
        ),
  },
  {
    id: 'groups-described',
    number: 33,
    says: 'Every security group and every way in or out of one says what it is for.',
    sources: ['CKV_AWS_23', 'AWS-0099', 'AWS-0124'],
    check: (subject) => [
      ...subject
        .of('aws_security_group')
        .filter(({ attributes }) => !attributes.description)
        .map((group) => withoutDescription(group, '')),
      ...waysOf(subject)
        .filter(({ attributes }) => !attributes.description)
        .map(({ resource, direction }) => withoutDescription(resource, ` of its ${direction}`)),
    ],
  },
  {
    id: 'data-has-no-way-out',
    number: 34,
    says: 'Database and cache have groups of their own, from which nothing goes out.',
    sources: ['CKV_AWS_382', 'AWS-0104'],
    check: (subject) => [
      ...subject
        .of('aws_db_instance', 'aws_elasticache_replication_group')
        .filter(({ attributes }) => referred(subject.of('aws_security_group'), groupsOf(attributes)).length === 0)
        .map(({ address, attributes }) => ({
          address,
          expected: 'a security group of its own',
          came: show(groupsOf(attributes)),
        })),
      ...servedGroups(subject).flatMap((group) =>
        waysOf(subject)
          .filter((way) => way.direction === 'egress' && refersTo(way.group, group))
          .map(({ resource, attributes }) => ({
            address: resource.address,
            expected: `no way out of ${group.address}`,
            came: `${show(attributes.ip_protocol ?? attributes.protocol)} to ${show(value(attributes, 'cidr_ipv4'))}`,
          })),
      ),
    ],
  },
  {
    id: 'default-group-empty',
    number: 35,
    says: "The network's default security group lets nothing in or out.",
    sources: ['CKV2_AWS_12', 'AWS-0173'],
    check: (subject) => [
      ...subject
        .of('aws_vpc')
        .filter(
          (vpc) => !subject.of('aws_default_security_group').some(({ attributes }) => refersTo(attributes.vpc_id, vpc)),
        )
        .map(({ address }) => ({ address, expected: 'an aws_default_security_group for it', came: 'nothing' })),
      ...waysOf(subject)
        .filter(({ resource, group }) =>
          [resource, ...referred(subject.of('aws_default_security_group'), group)].some(
            ({ type }) => type === 'aws_default_security_group',
          ),
        )
        .map(({ resource, direction }) => ({
          address: resource.address,
          expected: `no ${direction}`,
          came: direction,
        })),
    ],
  },
  {
    id: 'network-flow-logs',
    number: 36,
    says: 'The network keeps flow logs.',
    sources: ['CKV2_AWS_11', 'AWS-0178'],
    check: (subject, plan) => [
      ...(plan && !plan.lodgesWith ? needed(subject, 'aws_vpc', 'a network') : []),
      ...subject
        .of('aws_vpc')
        .filter((vpc) => !subject.of('aws_flow_log').some(({ attributes }) => refersTo(attributes.vpc_id, vpc)))
        .map(({ address }) => ({ address, expected: 'an aws_flow_log for it', came: 'nothing' })),
    ],
  },
]

const groupsOf = (attributes: Record<string, unknown>): unknown =>
  attributes.vpc_security_group_ids ?? attributes.security_group_ids
