import { type Break, sets, without } from './broken.ts'

const way = (name: string): string => `aws_vpc_security_group_ingress_rule.${name}`
const range = { ip_protocol: 'tcp', from_port: 443, to_port: 443, description: 'From somewhere' }

export const networkBreaks: Break[] = [
  {
    rule: 'no-public-way-in',
    what: 'a way in from everywhere',
    mutate: ({ add }) =>
      add('aws_vpc_security_group_ingress_rule', 'open', {
        ...range,
        cidr_ipv4: '0.0.0.0/0',
        security_group_id: '${aws_security_group.group-web.id}',
      }),
  },
  {
    rule: 'no-public-way-in',
    what: 'a way in from everywhere by IPv6',
    mutate: ({ add }) =>
      add('aws_vpc_security_group_ingress_rule', 'open', {
        ...range,
        cidr_ipv6: '::/0',
        security_group_id: '${aws_security_group.group-web.id}',
      }),
  },
  {
    rule: 'no-public-way-in',
    what: 'a way in inside of a group',
    on: 'lodger',
    mutate: ({ at }) =>
      Object.assign(at('aws_security_group', 'group-worker'), {
        ingress: [{ cidr_blocks: ['0.0.0.0/0'], description: 'From everywhere' }],
      }),
  },
  {
    rule: 'no-public-way-in',
    what: 'a way in as an older resource',
    mutate: ({ add }) =>
      add('aws_security_group_rule', 'open', {
        type: 'ingress',
        cidr_blocks: ['0.0.0.0/0'],
        description: 'From everywhere',
        security_group_id: '${aws_security_group.group-web.id}',
      }),
  },
  sets('groups-described', 'aws_security_group.group-web', 'description', undefined),
  sets('groups-described', way('way-into-web-from-load-balancer'), 'description', undefined),
  {
    rule: 'data-has-no-way-out',
    what: 'a way out of the database',
    on: 'lodger',
    mutate: ({ add }) =>
      add('aws_vpc_security_group_egress_rule', 'way-database-out', {
        ...range,
        cidr_ipv4: '0.0.0.0/0',
        security_group_id: '${aws_security_group.group-database.id}',
      }),
  },
  sets('data-has-no-way-out', 'aws_elasticache_replication_group.cache', 'security_group_ids', undefined),
  without('default-group-empty', 'aws_default_security_group'),
  {
    rule: 'default-group-empty',
    what: 'a way out of the default group',
    mutate: ({ at }) =>
      Object.assign(at('aws_default_security_group', 'group-default'), {
        egress: [{ cidr_blocks: ['10.20.0.0/16'], description: 'To the network' }],
      }),
  },
  without('network-flow-logs', 'aws_flow_log'),
]
