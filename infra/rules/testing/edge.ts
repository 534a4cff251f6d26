import { type Break, sets, without } from './broken.ts'

const balancer = 'aws_lb.load-balancer'
const distribution = 'aws_cloudfront_distribution.distribution'

export const edgeBreaks: Break[] = [
  sets('load-balancer-internal', balancer, 'internal', false),
  {
    rule: 'load-balancer-internal',
    what: 'no load balancer at all',
    mutate: ({ remove }) => remove('aws_lb'),
  },
  {
    rule: 'listener-tls',
    what: 'a listener with TLS 1.0',
    mutate: ({ at }) =>
      Object.assign(at('aws_lb_listener', 'listener'), { protocol: 'HTTPS', ssl_policy: 'ELBSecurityPolicy-2016-08' }),
  },
  sets('load-balancer-headers', balancer, 'drop_invalid_header_fields', undefined),
  sets('load-balancer-desync', balancer, 'desync_mitigation_mode', 'monitor'),
  sets('load-balancer-logs', balancer, 'access_logs.enabled', false),
  sets('load-balancer-logs', balancer, 'access_logs', undefined),
  sets('load-balancer-kept', balancer, 'enable_deletion_protection', false),
  sets('targets-health', 'aws_lb_target_group.targets-blue', 'health_check', undefined),
  sets('targets-health', 'aws_lb_target_group.targets-green', 'health_check.path', undefined, 'lodger'),
  sets('cloudfront-https', distribution, 'default_cache_behavior.viewer_protocol_policy', 'allow-all'),
  sets('cloudfront-https', distribution, 'ordered_cache_behavior.1.viewer_protocol_policy', 'allow-all', 'lodger'),
  sets('cloudfront-tls', distribution, 'viewer_certificate', {
    acm_certificate_arn: '${aws_acm_certificate.certificate.arn}',
    minimum_protocol_version: 'TLSv1',
  }),
  without('cloudfront-logs', 'aws_cloudwatch_log_delivery'),
  without('cloudfront-logs', 'aws_cloudwatch_log_delivery_source'),
  sets('cloudfront-logs', 'aws_cloudwatch_log_delivery_source.access-log-source', 'log_type', 'CONNECTION_LOGS'),
  sets('cloudfront-firewall', distribution, 'web_acl_id', undefined),
  sets('cloudfront-headers', distribution, 'default_cache_behavior.response_headers_policy_id', undefined),
  sets('cloudfront-headers', distribution, 'ordered_cache_behavior.0.response_headers_policy_id', undefined),
  sets(
    'cloudfront-headers',
    'aws_cloudfront_response_headers_policy.headers',
    'security_headers_config.strict_transport_security.access_control_max_age_sec',
    3600,
  ),
  sets(
    'cloudfront-headers',
    'aws_cloudfront_response_headers_policy.headers',
    'security_headers_config.strict_transport_security',
    undefined,
  ),
  sets('cloudfront-bucket-access', distribution, 'origin.3.origin_access_control_id', undefined),
  sets(
    'cloudfront-bucket-access',
    'aws_cloudfront_origin_access_control.closed-page-access',
    'signing_behavior',
    'never',
  ),
  sets('cloudfront-origin-private', distribution, 'origin.0.vpc_origin_config', undefined),
]
