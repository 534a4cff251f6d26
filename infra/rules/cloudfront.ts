import { type Rule, show, type Violation } from './rule.ts'
import { needed, referred, refersTo, type Resource, type Subject, value, values } from './subject.ts'

const distributions = (subject: Subject): Resource[] => subject.of('aws_cloudfront_distribution')

interface Behaviour {
  address: string
  where: string
  attributes: Record<string, unknown>
}

const behaviours = (subject: Subject): Behaviour[] =>
  distributions(subject).flatMap(({ address, attributes }) =>
    ['default_cache_behavior', 'ordered_cache_behavior'].flatMap((block) =>
      values(attributes, block).map((each) => {
        const behaviour = each as Record<string, unknown>
        return {
          address,
          where: behaviour.path_pattern === undefined ? 'default' : show(behaviour.path_pattern),
          attributes: behaviour,
        }
      }),
    ),
  )

const YEAR_S = 31_536_000

/** What is not as it should be with the headers policy of a behaviour. */
function headersOf(subject: Subject, { address, where, attributes }: Behaviour): Violation[] {
  const policies = referred(subject.of('aws_cloudfront_response_headers_policy'), attributes.response_headers_policy_id)
  if (policies.length === 0)
    return [
      {
        address,
        expected: `response_headers_policy_id at ${where}`,
        came: show(attributes.response_headers_policy_id),
      },
    ]
  return policies.flatMap((policy) => {
    const hsts = value(policy.attributes, 'security_headers_config.strict_transport_security')
    const isStrict = Number(value(hsts, 'access_control_max_age_sec')) >= YEAR_S && value(hsts, 'override') === true
    const expected = 'strict_transport_security for a year, over what the origin says'
    return isStrict ? [] : [{ address: policy.address, expected, came: show(hsts) }]
  })
}

/** Whether what a distribution is asked is logged: by the older logging, or by a delivery of the newer one. */
function isLogged(subject: Subject, distribution: Resource): boolean {
  if (value(distribution.attributes, 'logging_config.bucket')) return true
  const sources = subject
    .of('aws_cloudwatch_log_delivery_source')
    .filter(
      ({ attributes }) => attributes.log_type === 'ACCESS_LOGS' && refersTo(attributes.resource_arn, distribution),
    )
  return subject
    .of('aws_cloudwatch_log_delivery')
    .some(({ attributes }) => referred(sources, attributes.delivery_source_name).length > 0)
}

/** Origins that are buckets and to which not only this distribution has the key. */
function openOrigins(subject: Subject, { address, attributes }: Resource): Violation[] {
  return values(attributes, 'origin')
    .filter((origin) => /aws_s3_bucket\.|\.s3[.-]/.test(String(value(origin, 'domain_name'))))
    .filter((origin) => {
      const [control] = referred(
        subject.of('aws_cloudfront_origin_access_control'),
        value(origin, 'origin_access_control_id'),
      )
      return control?.attributes.signing_behavior !== 'always'
    })
    .map((origin) => ({
      address,
      expected: `origin_access_control_id that always signs, at the origin ${show(value(origin, 'origin_id'))}`,
      came: show(value(origin, 'origin_access_control_id')),
    }))
}

export const cloudFrontRules: Rule[] = [
  {
    id: 'cloudfront-https',
    number: 8,
    says: 'CloudFront sends browsers from HTTP to HTTPS, everywhere.',
    sources: ['CKV_AWS_34', 'AWS-0012'],
    check: (subject, plan) => [
      ...(plan ? needed(subject, 'aws_cloudfront_distribution', 'CloudFront before the load balancer') : []),
      ...behaviours(subject)
        .filter(
          ({ attributes }) => !['redirect-to-https', 'https-only'].includes(String(attributes.viewer_protocol_policy)),
        )
        .map(({ address, where, attributes }) => ({
          address,
          expected: `viewer_protocol_policy = redirect-to-https at ${where}`,
          came: show(attributes.viewer_protocol_policy),
        })),
    ],
  },
  {
    id: 'cloudfront-tls',
    number: 9,
    says: 'CloudFront takes no TLS below 1.2 and none of its old ciphers.',
    sources: ['CKV_AWS_174', 'AWS-0013'],
    check: (subject) =>
      distributions(subject)
        .filter(({ attributes }) => !/^TLSv1\.(2_2021|2_2025|3_2025)$/.test(minimumTls(attributes)))
        .map(({ address, attributes }) => ({
          address,
          expected: 'viewer_certificate.minimum_protocol_version = TLSv1.2_2021',
          came: minimumTls(attributes),
        })),
  },
  {
    id: 'cloudfront-logs',
    number: 10,
    says: 'CloudFront writes access logs.',
    sources: ['CKV_AWS_86', 'AWS-0010'],
    check: (subject) =>
      distributions(subject)
        .filter((distribution) => !isLogged(subject, distribution))
        .map(({ address }) => ({ address, expected: 'a delivery of ACCESS_LOGS from it', came: 'nothing' })),
  },
  {
    id: 'cloudfront-firewall',
    number: 11,
    says: 'In production CloudFront has a firewall.',
    sources: ['CKV_AWS_68', 'AWS-0011'],
    check: (subject, plan) =>
      plan?.production
        ? distributions(subject)
            .filter(({ attributes }) => !attributes.web_acl_id)
            .map(({ address }) => ({ address, expected: 'web_acl_id', came: 'nothing' }))
        : [],
  },
  {
    id: 'cloudfront-headers',
    number: 12,
    says: 'Every answer of CloudFront has the headers of a policy, HSTS of a year among them.',
    sources: ['CKV2_AWS_32', 'CKV_AWS_259'],
    check: (subject) => {
      const found = behaviours(subject).flatMap((behaviour) => headersOf(subject, behaviour))
      return [...new Map(found.map((violation) => [violation.address + violation.expected, violation])).values()]
    },
  },
  {
    id: 'cloudfront-bucket-access',
    number: 13,
    says: 'CloudFront reads a bucket with an origin access control, which always signs.',
    sources: ['CKV2_AWS_46'],
    check: (subject) => distributions(subject).flatMap((distribution) => openOrigins(subject, distribution)),
  },
  {
    id: 'cloudfront-origin-private',
    says: 'CloudFront reaches the load balancer through its VPC origin, so that nobody else does.',
    sources: ['docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html'],
    check: (subject) =>
      distributions(subject).flatMap(({ address, attributes }) =>
        values(attributes, 'origin')
          .filter(
            (origin) => !value(origin, 'origin_access_control_id') && !value(origin, 'vpc_origin_config.vpc_origin_id'),
          )
          .filter((origin) => !/aws_s3_bucket\.|\.s3[.-]/.test(String(value(origin, 'domain_name'))))
          .map((origin) => ({
            address,
            expected: `vpc_origin_config at the origin ${show(value(origin, 'origin_id'))}`,
            came: show(value(origin, 'custom_origin_config')),
          })),
      ),
  },
]

const minimumTls = (attributes: Record<string, unknown>): string =>
  String(value(attributes, 'viewer_certificate.cloudfront_default_certificate')) === 'true'
    ? "CloudFront's own certificate"
    : show(value(attributes, 'viewer_certificate.minimum_protocol_version'))
