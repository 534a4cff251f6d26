import { elements, text } from '../values.ts'
import { between, type Checks, exactlyOne, matches, name, oneOf, type Relation } from './kinds.ts'

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html and API_CreateTargetGroup.html
const balancerName = matches(
  /^(?!internal-)(?!-)[A-Za-z0-9-]{1,32}(?<!-)$/,
  'at most 32 letters, digits and hyphens, none at the ends, not beginning with internal-',
)
const protocol = oneOf('HTTP', 'HTTPS', 'TCP', 'TLS', 'UDP', 'TCP_UDP', 'GENEVE', 'QUIC', 'TCP_QUIC')
const action = (path: string): Record<string, ReturnType<typeof oneOf>> => ({
  [`${path}.type`]: oneOf(
    'forward',
    'redirect',
    'fixed-response',
    'authenticate-cognito',
    'authenticate-oidc',
    'jwt-validation',
  ),
  [`${path}.fixed_response.content_type`]: oneOf(
    'text/plain',
    'text/css',
    'text/html',
    'application/javascript',
    'application/json',
  ),
  [`${path}.fixed_response.status_code`]: matches(/^[245](\d\d|XX)$/, '2XX, 4XX or 5XX'),
  [`${path}.fixed_response.message_body`]: matches(/^.{0,1024}$/s, 'at most 1024 characters'),
  [`${path}.forward.target_group.weight`]: between(0, 999),
})

// https://docs.aws.amazon.com/cloudfront/latest/APIReference/
const viewerPolicy = oneOf('allow-all', 'https-only', 'redirect-to-https')
const methods = oneOf('GET', 'HEAD', 'OPTIONS', 'PUT', 'POST', 'PATCH', 'DELETE')
const errorCode = oneOf(400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504)
const tlsOfOrigin = oneOf('SSLv3', 'TLSv1', 'TLSv1.1', 'TLSv1.2')
const originPolicy = oneOf('http-only', 'match-viewer', 'https-only')
const eventType = oneOf('viewer-request', 'viewer-response', 'origin-request', 'origin-response')

/** CloudFront takes three sets of methods and no other. https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_AllowedMethods.html */
const methodSets = ['GET,HEAD', 'GET,HEAD,OPTIONS', 'DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT']
const allowedMethods: Relation = (config) => {
  for (const at of ['default_cache_behavior', 'ordered_cache_behavior'])
    for (const { allowed_methods: given } of elements(config[at])) {
      if (!Array.isArray(given) || given.some((method) => typeof method !== 'string')) continue
      const sorted = given.map(text).toSorted().join(',')
      if (!methodSets.includes(sorted))
        return { at, fault: `expected allowed_methods to be ${methodSets.join(' or ')}; ${sorted} came` }
    }
  return undefined
}

const chooseAction = exactlyOne('allow', 'block')
const defaultAction: Relation = ({ default_action: given }) => {
  const broken = elements(given).map(chooseAction).find(Boolean)
  return broken && { at: 'default_action', fault: broken.fault }
}

const chooseRuleAction = exactlyOne('action', 'override_action')
const ruleActions: Relation = ({ rule }) => {
  const broken = elements(rule).map(chooseRuleAction).find(Boolean)
  return broken && { at: 'rule', fault: broken.fault }
}

// https://docs.aws.amazon.com/waf/latest/APIReference/API_CreateWebACL.html
const placeOfScope: Relation = ({ scope, region }) =>
  scope === 'CLOUDFRONT' && typeof region === 'string' && region !== 'us-east-1'
    ? { at: 'region', fault: `expected us-east-1 for the scope CLOUDFRONT; ${region} came` }
    : undefined

const behavior = (path: string): Record<string, ReturnType<typeof oneOf>> => ({
  [`${path}.viewer_protocol_policy`]: viewerPolicy,
  [`${path}.allowed_methods`]: methods,
  [`${path}.cached_methods`]: oneOf('GET', 'HEAD', 'OPTIONS'),
  [`${path}.function_association.event_type`]: eventType,
})

export const edge: Checks = {
  aws_lb: {
    arguments: {
      name: balancerName,
      load_balancer_type: oneOf('application', 'network', 'gateway'),
      ip_address_type: oneOf('ipv4', 'dualstack', 'dualstack-without-public-ipv4'),
      desync_mitigation_mode: oneOf('monitor', 'defensive', 'strictest'),
      xff_header_processing_mode: oneOf('append', 'preserve', 'remove'),
      idle_timeout: between(1, 4000),
      client_keep_alive: between(60, 604_800),
    },
  },
  aws_lb_target_group: {
    arguments: {
      name: balancerName,
      protocol,
      protocol_version: oneOf('HTTP1', 'HTTP2', 'GRPC'),
      target_type: oneOf('instance', 'ip', 'lambda', 'alb'),
      port: between(1, 65_535),
      deregistration_delay: between(0, 3600),
      load_balancing_algorithm_type: oneOf('round_robin', 'least_outstanding_requests', 'weighted_random'),
      'health_check.interval': between(5, 300),
      'health_check.timeout': between(2, 120),
      'health_check.healthy_threshold': between(2, 10),
      'health_check.unhealthy_threshold': between(2, 10),
      'health_check.protocol': oneOf('HTTP', 'HTTPS', 'TCP'),
      'stickiness.type': oneOf('lb_cookie', 'app_cookie', 'source_ip', 'source_ip_dest_ip', 'source_ip_dest_ip_proto'),
    },
  },
  aws_lb_listener: { arguments: { protocol, port: between(1, 65_535), ...action('default_action') } },
  aws_lb_listener_rule: { arguments: { priority: between(1, 50_000), ...action('action') } },
  aws_cloudfront_distribution: {
    arguments: {
      comment: matches(/^.{0,128}$/s, 'at most 128 characters'),
      price_class: oneOf('PriceClass_All', 'PriceClass_200', 'PriceClass_100'),
      http_version: oneOf('http1.1', 'http2', 'http3', 'http2and3'),
      'restrictions.geo_restriction.restriction_type': oneOf('none', 'whitelist', 'blacklist'),
      'viewer_certificate.minimum_protocol_version': oneOf(
        'SSLv3',
        'TLSv1',
        'TLSv1_2016',
        'TLSv1.1_2016',
        'TLSv1.2_2018',
        'TLSv1.2_2019',
        'TLSv1.2_2021',
        'TLSv1.2_2025',
        'TLSv1.3_2025',
      ),
      'viewer_certificate.ssl_support_method': oneOf('sni-only', 'vip', 'static-ip'),
      'origin.connection_attempts': between(1, 3),
      'origin.connection_timeout': between(1, 10),
      'origin.vpc_origin_config.origin_read_timeout': between(1, 120),
      'origin.vpc_origin_config.origin_keepalive_timeout': between(1, 120),
      'origin.custom_origin_config.origin_protocol_policy': originPolicy,
      'origin.custom_origin_config.origin_ssl_protocols': tlsOfOrigin,
      'custom_error_response.error_code': errorCode,
      'custom_error_response.response_code': oneOf(200, 400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504),
      ...behavior('default_cache_behavior'),
      ...behavior('ordered_cache_behavior'),
    },
    relations: [allowedMethods],
  },
  aws_cloudfront_vpc_origin: {
    arguments: {
      'vpc_origin_endpoint_config.origin_protocol_policy': originPolicy,
      'vpc_origin_endpoint_config.origin_ssl_protocols.items': tlsOfOrigin,
      'vpc_origin_endpoint_config.http_port': between(1, 65_535),
      'vpc_origin_endpoint_config.https_port': between(1, 65_535),
    },
  },
  aws_cloudfront_origin_access_control: {
    arguments: {
      name: matches(/^.{1,64}$/, 'at most 64 characters'),
      origin_access_control_origin_type: oneOf('s3', 'lambda', 'mediastore', 'mediapackagev2'),
      signing_behavior: oneOf('always', 'never', 'no-override'),
      signing_protocol: oneOf('sigv4'),
    },
  },
  aws_cloudfront_function: {
    arguments: { name: name(64, '_-'), runtime: oneOf('cloudfront-js-1.0', 'cloudfront-js-2.0') },
  },
  aws_cloudfront_response_headers_policy: {
    arguments: {
      name: name(128, '_-'),
      'security_headers_config.frame_options.frame_option': oneOf('DENY', 'SAMEORIGIN'),
      'security_headers_config.referrer_policy.referrer_policy': oneOf(
        'no-referrer',
        'no-referrer-when-downgrade',
        'origin',
        'origin-when-cross-origin',
        'same-origin',
        'strict-origin',
        'strict-origin-when-cross-origin',
        'unsafe-url',
      ),
    },
  },
  aws_wafv2_web_acl: {
    arguments: {
      name: name(128, '_-'),
      scope: oneOf('CLOUDFRONT', 'REGIONAL'),
      'rule.statement.rate_based_statement.aggregate_key_type': oneOf('IP', 'FORWARDED_IP', 'CUSTOM_KEYS', 'CONSTANT'),
      'rule.statement.rate_based_statement.limit': between(10, 2_000_000_000),
      'rule.statement.rate_based_statement.evaluation_window_sec': oneOf(60, 120, 300, 600),
    },
    relations: [defaultAction, ruleActions, placeOfScope],
  },
  aws_acm_certificate: { arguments: { validation_method: oneOf('DNS', 'EMAIL') } },
  aws_route53_record: {
    arguments: {
      type: oneOf(
        'A',
        'AAAA',
        'CAA',
        'CNAME',
        'DS',
        'HTTPS',
        'MX',
        'NAPTR',
        'NS',
        'PTR',
        'SOA',
        'SPF',
        'SRV',
        'SSHFP',
        'SVCB',
        'TLSA',
        'TXT',
      ),
    },
    relations: [exactlyOne('records', 'alias')],
  },
}
