import { describe, expect, test } from 'vitest'
import { environmentOf, released, shifted, takingOver } from '../testing/environment.ts'
import type { Synthesized } from '../testing/synthesize.ts'

type Named = Record<string, unknown>
const production = environmentOf(released, 'production', 'economy')
const staging = environmentOf(released, 'staging', 'economy')
const distribution = ({ get }: Synthesized = production) => get('aws_cloudfront_distribution', 'distribution')
const behaviour = (path: string) =>
  (distribution().ordered_cache_behavior as Named[]).find(({ path_pattern }) => path_pattern === path)!
const origin = (id: string, stack = production) =>
  (distribution(stack).origin as Named[]).find(({ origin_id }) => origin_id === id)!
const errorOf = (code: number) =>
  (distribution().custom_error_response as Named[]).find(({ error_code }) => error_code === code)

describe('the way from CloudFront', () => {
  test('leads by a VPC origin over plain HTTP to the internal load balancer', () => {
    expect(production.get('aws_cloudfront_vpc_origin', 'vpc-origin').vpc_origin_endpoint_config).toMatchObject([
      { arn: '${aws_lb.load-balancer.arn}', http_port: 80, origin_protocol_policy: 'http-only' },
    ])
    expect(origin('web')).toMatchObject({
      domain_name: '${aws_lb.load-balancer.dns_name}',
      custom_header: [{ name: 'X-Dayshift-Route', value: 'production' }],
      vpc_origin_config: { vpc_origin_id: '${aws_cloudfront_vpc_origin.vpc-origin.id}' },
    })
  })

  test('is told to lodgers by a parameter', () => {
    expect(production.get('aws_ssm_parameter', 'vpc-origin-parameter')).toMatchObject({
      name: '/dayshift/production/vpc-origin',
      insecure_value: '${aws_cloudfront_vpc_origin.vpc-origin.id}',
    })
    expect(staging.data('aws_ssm_parameter', 'vpc-origin').name).toBe('/dayshift/production/vpc-origin')
    expect(staging.all('aws_cloudfront_vpc_origin')).toEqual({})
    expect(origin('web', staging)).toMatchObject({
      custom_header: [{ value: 'staging' }],
      vpc_origin_config: { vpc_origin_id: '${data.aws_ssm_parameter.vpc-origin.insecure_value}' },
    })
  })

  // CloudFront developer guide: 60 s is the most without asking for more.
  test('waits for an answer as long as CloudFront allows to everybody, and as the load balancer does', () => {
    expect(origin('web')).toMatchObject({ vpc_origin_config: { origin_read_timeout: 60 } })
    expect(production.get('aws_lb', 'load-balancer').idle_timeout).toBe(60)
  })
})

describe('a browser', () => {
  test('speaks HTTPS, up to HTTP/3, over IPv4 and IPv6', () => {
    expect(distribution()).toMatchObject({
      enabled: true,
      http_version: 'http2and3',
      is_ipv6_enabled: true,
      default_cache_behavior: { viewer_protocol_policy: 'redirect-to-https' },
    })
    for (const path of ['/assets/*', '/closed.html'])
      expect(behaviour(path).viewer_protocol_policy).toBe('redirect-to-https')
  })

  test('gets security headers with every answer, but the policy of content from the web itself', () => {
    const headers = '${aws_cloudfront_response_headers_policy.headers.id}'
    expect(distribution()).toMatchObject({ default_cache_behavior: { response_headers_policy_id: headers } })
    for (const path of ['/assets/*', '/closed.html']) expect(behaviour(path).response_headers_policy_id).toBe(headers)
    expect(production.get('aws_cloudfront_response_headers_policy', 'headers').security_headers_config).toEqual({
      strict_transport_security: { access_control_max_age_sec: 31_536_000, include_subdomains: false, override: true },
      content_type_options: { override: true },
      frame_options: { frame_option: 'DENY', override: true },
      referrer_policy: { referrer_policy: 'strict-origin-when-cross-origin', override: false },
    })
  })

  test('may come from anywhere, or from the named countries alone', () => {
    const geo = (countries: string[]) =>
      distribution(environmentOf(released, 'production', 'economy', { countries })).restrictions
    expect(geo([])).toEqual({ geo_restriction: { restriction_type: 'none' } })
    expect(geo(['DE', 'AT'])).toEqual({ geo_restriction: { restriction_type: 'whitelist', locations: ['DE', 'AT'] } })
  })
})

// Ids of managed policies: CloudFront developer guide, "Use managed cache policies" and "Use managed origin request policies".
describe('the cache', () => {
  test('has nothing of the API: all goes through as it came, and streams are not held back to be compressed', () => {
    expect(distribution()).toMatchObject({
      default_cache_behavior: {
        target_origin_id: 'web',
        allowed_methods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'POST', 'PATCH', 'DELETE'],
        cache_policy_id: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
        origin_request_policy_id: '216adef6-5c7f-47e4-b989-5492eafa07d3',
        compress: false,
      },
    })
  })

  test('has the files of the page, for as long as the web says', () => {
    expect(behaviour('/assets/*')).toMatchObject({
      cache_policy_id: '658327ea-f89d-4fab-a63d-7e88639e58f6',
      compress: true,
      allowed_methods: ['GET', 'HEAD'],
    })
  })

  test('asks the other colour for a file that the one does not have', () => {
    expect(behaviour('/assets/*').target_origin_id).toBe('files')
    expect(distribution().origin_group).toEqual([
      {
        origin_id: 'files',
        member: [{ origin_id: 'web-first' }, { origin_id: 'web-second' }],
        failover_criteria: { status_codes: [403, 404, 502, 503, 504] },
      },
    ])
    const routes = (stack: Synthesized) =>
      ['web-first', 'web-second'].map((id) => (origin(id, stack).custom_header as [Named])[0].value)
    const both = ['production-blue', 'production-green']
    expect(routes(production)).toEqual(both)
    // A shift changes nothing here: a distribution takes minutes to change everywhere.
    for (const percent of [0, 1, 100])
      expect(routes(environmentOf(shifted(percent), 'production', 'economy'))).toEqual(both)
    const old = { type: 'ip', addresses: ['10.0.0.5'], port: 80 }
    expect(routes(environmentOf(takingOver(old, 1), 'production', 'economy'))).toEqual([
      'production-blue',
      'production-legacy',
    ])
  })

  // CloudFront developer guide, "HTTP 4xx and 5xx status codes that CloudFront caches": always, whatever Cache-Control says.
  test('keeps no error for the next one who asks', () => {
    for (const code of [404, 414, 500, 501, 502, 504])
      expect(errorOf(code)).toEqual({ error_code: code, error_caching_min_ttl: 0 })
  })
})

describe('when nothing runs', () => {
  test('the page from the bucket stands, with the status of the load balancer, for ten seconds', () => {
    expect(errorOf(503)).toEqual({
      error_code: 503,
      response_code: 503,
      response_page_path: '/closed.html',
      error_caching_min_ttl: 10,
    })
    expect(behaviour('/closed.html').target_origin_id).toBe('closed')
    expect(origin('closed')).toMatchObject({
      domain_name: '${aws_s3_bucket.bucket-assets.bucket_regional_domain_name}',
      origin_access_control_id: '${aws_cloudfront_origin_access_control.closed-page-access.id}',
    })
    expect(production.get('aws_cloudfront_origin_access_control', 'closed-page-access')).toMatchObject({
      origin_access_control_origin_type: 's3',
      signing_behavior: 'always',
      signing_protocol: 'sigv4',
    })
  })
})

describe('a domain', () => {
  const withDomain = (domain: object) =>
    environmentOf(released, 'production', 'economy', { domain: { name: 'news.example.org', ...domain } })

  test('has a certificate in us-east-1 that its zone proves, and TLS from 1.2', () => {
    const stack = withDomain({ zoneId: 'Z0123456789ABC' })
    expect(stack.get('aws_acm_certificate', 'certificate')).toMatchObject({
      region: 'us-east-1',
      domain_name: 'news.example.org',
      validation_method: 'DNS',
    })
    expect(distribution(stack)).toMatchObject({
      aliases: ['news.example.org'],
      viewer_certificate: {
        acm_certificate_arn: '${aws_acm_certificate_validation.certificate-validation.certificate_arn}',
        minimum_protocol_version: 'TLSv1.2_2021',
        ssl_support_method: 'sni-only',
      },
    })
    for (const [id, type] of [
      ['address-a', 'A'],
      ['address-aaaa', 'AAAA'],
    ])
      expect(stack.get('aws_route53_record', id!)).toMatchObject({
        zone_id: 'Z0123456789ABC',
        name: 'news.example.org',
        type,
        alias: { name: '${aws_cloudfront_distribution.distribution.domain_name}' },
      })
  })

  test('of a zone elsewhere brings its certificate along', () => {
    const certificateArn = 'arn:aws:acm:us-east-1:123456789012:certificate/1'
    const stack = withDomain({ certificateArn })
    expect(distribution(stack)).toMatchObject({ viewer_certificate: { acm_certificate_arn: certificateArn } })
    expect(stack.all('aws_route53_record')).toEqual({})
    expect(() => withDomain({})).toThrow('news.example.org has no certificate')
  })

  test('is not needed: CloudFront has a name and a certificate of its own', () => {
    expect(distribution().viewer_certificate).toEqual({ cloudfront_default_certificate: true })
    expect(distribution()).not.toHaveProperty('aliases')
  })
})

describe('the access log', () => {
  test('goes to the logs bucket by a delivery in us-east-1', () => {
    expect(production.get('aws_cloudwatch_log_delivery_source', 'access-log-source')).toMatchObject({
      region: 'us-east-1',
      log_type: 'ACCESS_LOGS',
      resource_arn: '${aws_cloudfront_distribution.distribution.arn}',
    })
    expect(
      production.get('aws_cloudwatch_log_delivery_destination', 'access-log-destination')
        .delivery_destination_configuration,
    ).toEqual([{ destination_resource_arn: expect.stringContaining('aws_s3_bucket_policy.bucket-logs-policy.bucket') }])
    expect(production.get('aws_cloudwatch_log_delivery', 'access-log').region).toBe('us-east-1')
  })

  test('leaves out what may hold a secret', () => {
    const { record_fields } = production.get('aws_cloudwatch_log_delivery', 'access-log')
    for (const field of ['cs-uri-query', 'cs(Cookie)', 'cs(Referer)']) expect(record_fields).not.toContain(field)
    expect(record_fields).toContain('cs-uri-stem')
  })
})
