import { describe, expect, test } from 'vitest'
import type { Plan } from './environment.ts'
import { foundation, planOf } from './testing/foundation.ts'

const zonesOf = (profile: Plan['profile']): Record<string, number> =>
  Object.fromEntries(
    Object.values(foundation('production', profile).all('aws_vpc_endpoint'))
      .filter((endpoint) => endpoint.vpc_endpoint_type === 'Interface')
      .map((endpoint) => [String(endpoint.service_name), (endpoint.subnet_ids as string[]).length]),
  )

describe('interface endpoints', () => {
  // The issue: off in economy, in one zone in standard, in every zone in ha.
  test.each([
    ['economy', {}],
    ['standard', { 'com.amazonaws.us-east-1.bedrock-runtime': 1, 'com.amazonaws.us-east-1.secretsmanager': 1 }],
    ['ha', { 'com.amazonaws.us-east-1.bedrock-runtime': 2, 'com.amazonaws.us-east-1.secretsmanager': 2 }],
  ] as const)('of the profile %s stand in the zones that it pays for', (profile, zones) => {
    expect(zonesOf(profile)).toEqual(zones)
  })

  const { buys } = planOf('production', 'standard')
  const every = { bedrock: 'one-az', secrets: 'one-az', ecr: 'every-az', logs: 'one-az' } as const
  const json = foundation('production', 'standard', { buys: { ...buys, endpoints: every } })

  test('can also be those of images and logs', () => {
    expect(json.get('aws_vpc_endpoint', 'endpoint-ecr-api').subnet_ids).toHaveLength(2)
    expect(json.get('aws_vpc_endpoint', 'endpoint-ecr-dkr').subnet_ids).toHaveLength(2)
    expect(json.get('aws_vpc_endpoint', 'endpoint-logs').subnet_ids).toEqual(['${aws_subnet.subnet-isolated-1.id}'])
  })

  test.each(['bedrock-runtime', 'secretsmanager', 'ecr-api', 'ecr-dkr', 'logs'])(
    'answer by the usual name, to our tasks and our account alone: %s',
    (name) => {
      expect(json.get('aws_vpc_endpoint', `endpoint-${name}`)).toMatchObject({
        private_dns_enabled: true,
        security_group_ids: ['${aws_security_group.group-endpoints.id}'],
      })
      const statements = json.statements('aws_vpc_endpoint', `endpoint-${name}`)
      expect(statements).toHaveLength(1)
      expect(statements[0]!.Condition).toEqual({
        StringEquals: { 'aws:PrincipalAccount': '${data.aws_caller_identity.account.account_id}' },
      })
      expect(statements[0]!.Action).not.toContain('*')
    },
  )
})

describe('the gateway to S3', () => {
  const json = foundation('production', 'economy')
  const statements = json.statements('aws_vpc_endpoint', 'endpoint-s3')

  test('is always there, for the subnets of the tasks', () => {
    expect(json.get('aws_vpc_endpoint', 'endpoint-s3')).toMatchObject({
      vpc_endpoint_type: 'Gateway',
      service_name: 'com.amazonaws.us-east-1.s3',
      route_table_ids: ['${aws_route_table.routes-public.id}'],
    })
  })

  test('lets only the buckets of this account be written', () => {
    const writing = statements.filter(({ Action }) => JSON.stringify(Action).includes('Put'))
    expect(writing.map(({ Resource }) => Resource)).toEqual([
      [
        'arn:${data.aws_partition.partition.partition}:s3:::dayshift-*-${data.aws_caller_identity.account.account_id}',
        'arn:${data.aws_partition.partition.partition}:s3:::dayshift-*-${data.aws_caller_identity.account.account_id}/*',
      ],
    ])
    expect(writing[0]!.Condition?.StringEquals).toHaveProperty('aws:ResourceAccount')
  })

  test('lets image layers be read', () => {
    // docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html: the bucket of ECR's layers.
    expect(statements).toContainEqual(
      expect.objectContaining({
        Action: 's3:GetObject',
        Resource: 'arn:${data.aws_partition.partition.partition}:s3:::prod-us-east-1-starport-layer-bucket/*',
      }),
    )
  })

  test('lets feeds that are files of a public bucket be read, without credentials', () => {
    const anywhere = statements.filter(({ Resource }) => Resource === '*')
    expect(anywhere).toMatchObject([
      { Action: 's3:GetObject', Condition: { StringEquals: { 'aws:PrincipalType': 'Anonymous' } } },
    ])
  })
})
