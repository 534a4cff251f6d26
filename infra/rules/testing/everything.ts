import { type Break, sets } from './broken.ts'

const tag = (name: string, value: string | undefined): Break => ({
  rule: 'everything-tagged',
  what: `${name} = ${value ?? 'nothing'} at the provider`,
  mutate: ({ json }) => {
    const [{ tags }] = json.provider!.aws![0]!.default_tags as [{ tags: Record<string, string> }]
    if (value === undefined) delete tags[name]
    else tags[name] = value
  },
})

/** The keys and accounts are the examples of AWS's documentation, the address is of RFC 5737. */
export const everythingBreaks: Break[] = [
  tag('Environment', undefined),
  tag('Environment', 'another'),
  tag('ManagedBy', undefined),
  {
    rule: 'everything-tagged',
    what: 'no provider that tags',
    mutate: ({ json }) => {
      delete json.provider
    },
  },
  sets('everything-tagged', 'aws_db_instance.database', 'tags', { Environment: 'another' }),
  sets('everything-tagged', 'aws_ecs_service.service-worker', 'propagate_tags', undefined),
  {
    rule: 'everything-tagged',
    what: 'machines that a template starts without tags',
    mutate: ({ add }) =>
      add('aws_launch_template', 'nat', { tag_specifications: [{ resource_type: 'instance', tags: { Name: 'nat' } }] }),
  },
  sets('nothing-secret-written', 'aws_cloudwatch_log_group.logs-web', 'name', 'AKIAIOSFODNN7EXAMPLE'),
  {
    rule: 'nothing-secret-written',
    what: 'a role of an account',
    mutate: ({ add }) =>
      add('aws_ssm_parameter', 'role', { insecure_value: 'arn:aws:iam::123456789012:role/dayshift-web' }),
  },
  {
    rule: 'nothing-secret-written',
    what: 'an address in the internet',
    mutate: ({ add }) => add('aws_ssm_parameter', 'address', { insecure_value: '203.0.113.7' }),
  },
]
