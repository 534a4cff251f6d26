import type { Profile } from '../src/environment.ts'

/** Something that breaks a rule and may. */
export interface Exception {
  /** Id of the rule. */
  rule: string
  /** Of the resource; `*` stands for any text. */
  address: string
  /** What came, as the violation says it, so that nothing else is excused; `*` stands for any text. */
  came: string
  reason: string
  /** Profiles of environments, and `account` for stacks that an account has once. */
  where: Where[]
}

type Where = Profile['name'] | 'account'

const always: Where[] = ['economy', 'standard', 'ha']
const withEndpoints: Where[] = ['standard', 'ha']
const account: Where[] = ['account']

const boundary =
  'A boundary gives nobody a right: it says what may be left of what a role is given, so it names services and not resources.'
const ownKeyPolicy =
  'In the policy of a key `*` is that key: AWS Key Management Service developer guide, "Key policies". Conditions limit who comes.'

/** All that breaks a rule with a reason. A test finds those that excuse nothing any more. */
export const exceptions: Exception[] = [
  {
    rule: 'cloudfront-tls',
    address: 'aws_cloudfront_distribution.distribution',
    came: "CloudFront's own certificate",
    reason:
      "With CloudFront's own certificate CloudFront sets the least TLS itself and takes no other. With `domain` it is TLSv1.2_2021.",
    where: always,
  },
  {
    rule: 'cloudfront-firewall',
    address: 'aws_cloudfront_distribution.distribution',
    came: 'nothing',
    reason:
      'AWS WAF costs 8 dollars a month, a seventh of what this profile may cost. The application asks for a session and limits requests itself.',
    where: ['economy'],
  },
  {
    rule: 'database-iam',
    address: 'aws_db_instance.database',
    came: 'false',
    reason:
      'RDS asks for 300 MiB of memory or more for it, and the instance has 1 GiB. The password has 48 random characters and travels by TLS alone.',
    where: always,
  },
  {
    rule: 'bucket-own-key',
    address: 'aws_s3_bucket_server_side_encryption_configuration.bucket-logs-encryption',
    came: 'AES256',
    reason: 'The load balancer writes its access logs with S3\'s own key alone: user guide, "Enable access logs".',
    where: ['ha'],
  },
  {
    rule: 'bucket-own-key',
    address: 'aws_s3_bucket_server_side_encryption_configuration.bucket-assets-encryption',
    came: 'AES256',
    reason: 'It holds the page that says when we open, which everybody may read through CloudFront.',
    where: ['ha'],
  },
  {
    rule: 'no-wildcard-principal',
    address: 'aws_vpc_endpoint.endpoint-*',
    came: 'Own*: *',
    reason:
      'The policy of an endpoint limits what passes and gives nobody a right. A condition lets roles of this account pass alone.',
    where: always,
  },
  {
    rule: 'no-wildcard-principal',
    address: 'aws_vpc_endpoint.endpoint-s3',
    came: 'ImageLayers: *',
    reason: "Layers of images come from a bucket of AWS, which asks for the task's credentials itself.",
    where: always,
  },
  {
    rule: 'no-wildcard-principal',
    address: 'aws_vpc_endpoint.endpoint-s3',
    came: 'PublicFiles: *',
    reason:
      'Feeds and articles in public buckets of the region come this way; a condition lets requests without credentials pass alone.',
    where: always,
  },
  {
    rule: 'resources-named',
    address: 'aws_vpc_endpoint.endpoint-s3',
    came: 'PublicFiles: s3:GetObject on *',
    reason: 'Nobody knows in which public buckets the feeds of tomorrow lie. What needs credentials does not pass.',
    where: always,
  },
  {
    rule: 'resources-named',
    address: 'aws_vpc_endpoint.endpoint-*',
    came: 'OwnRoles: * on *',
    reason:
      "The policy of an endpoint limits what passes; which resources a role may touch is in the role's own policy.",
    where: withEndpoints,
  },
  {
    rule: 'topics-encrypted',
    address: 'aws_sns_topic.alarms',
    came: 'nothing',
    reason:
      'The key that AWS keeps for topics lets no service publish, and a key of our own costs a dollar a month. A message is names and numbers.',
    where: always,
  },
  {
    rule: 'container-insights',
    address: 'aws_ecs_cluster.cluster',
    came: 'disabled',
    reason:
      'Its metrics are charged one by one and would take the profile beyond its price. Processor and memory of a service are measured for nothing.',
    where: always,
  },
  {
    rule: 'secrets-rotate',
    address: 'aws_secretsmanager_secret.database-password',
    came: 'nothing',
    reason:
      "The application's password is new when `databasePasswordVersion` rises, and the next migration sets it. Rotation by AWS needs a Lambda; the administrator's secret, which RDS rotates every 7 days, has it.",
    where: always,
  },
  {
    rule: 'resources-named',
    address: 'aws_kms_key.key',
    came: 'AccountDecidesByRoles: kms:* on *',
    reason: `${ownKeyPolicy} Without this statement nobody could change the key again.`,
    where: ['ha'],
  },
  {
    rule: 'resources-named',
    address: 'aws_kms_key.key',
    came: 'LogGroups: * on *',
    reason: ownKeyPolicy,
    where: ['ha'],
  },
  {
    rule: 'resources-named',
    address: 'aws_kms_key.key',
    came: 'MessagesToEncryptedTopics: * on *',
    reason: ownKeyPolicy,
    where: ['ha'],
  },
  {
    rule: 'resources-named',
    address: 'aws_kms_key.key',
    came: 'NoticesToEncryptedTopics: * on *',
    reason: ownKeyPolicy,
    where: ['ha'],
  },
  {
    rule: 'trust-limited',
    address: 'aws_iam_role.backup-role',
    came: 'Backup: backup.amazonaws.com for any account',
    reason:
      'AWS Backup does not document that it says for which account it asks. A role can be handed to it from within its own account alone.',
    where: ['ha'],
  },
  {
    rule: 'nothing-secret-written',
    address: 'resource.aws_cloudfront_distribution.distribution.viewer_certificate.acm_certificate_arn',
    came: 'an account number in an ARN',
    reason: 'A certificate that is there already is named by its ARN in the environment, and browsers see it anyway.',
    where: always,
  },
  {
    rule: 'nothing-secret-written',
    address: 'resource.aws_lb_target_group_attachment.passage-target.target_id',
    came: 'an account number in an ARN',
    reason:
      'The load balancer of an old deployment is named by its ARN in the release, and nothing else finds it as surely.',
    where: always,
  },
  {
    rule: 'nothing-secret-written',
    address: 'output.release.value.legacy.target.arn',
    came: 'an account number in an ARN',
    reason: 'The release, which names that load balancer, is also an output.',
    where: always,
  },
  {
    rule: 'no-administrator',
    address: 'aws_iam_policy.deploy-boundary',
    came: 'AllElseAsTheRoleSays: every action',
    reason: `${boundary} Its other statements take away people, keys and itself.`,
    where: account,
  },
  {
    rule: 'resources-named',
    address: 'aws_iam_policy.boundary',
    came: 'Work: * on *',
    reason: boundary,
    where: account,
  },
  {
    rule: 'resources-named',
    address: 'aws_iam_role_policy.deploy-*-may',
    came: 'ResourcesWithNamesOfAws: acm:* and 20 more on *',
    reason:
      'ARNs of these services carry a number that nobody knows before they are made. The regions are limited, and what bears the tag of another environment is denied.',
    where: account,
  },
]
