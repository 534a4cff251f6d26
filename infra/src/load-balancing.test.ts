import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { environmentOf, released, shifted, takingOver, unreleased } from './testing/environment.ts'
import type { Synthesized } from './testing/synthesize.ts'

const production = environmentOf(released, 'production', 'economy')
const staging = environmentOf(released, 'staging', 'economy')
const web = (path: string) => readFileSync(new URL(`../../apps/web/src/${path}`, import.meta.url), 'utf8')
const msIn = (text: string, name: string) =>
  Number(new RegExp(`${name}\\D{1,4}([\\d_]+)`).exec(text)![1]!.replaceAll('_', ''))

/** Weights of the environment's rule by the names of the target groups. */
function weightsOf({ get }: Synthesized): Record<string, number> {
  const [{ forward }] = get('aws_lb_listener_rule', 'route').action as [
    { forward: { target_group: { arn: string; weight: number }[] } },
  ]
  return Object.fromEntries(
    forward.target_group.map(({ arn, weight }) => [/targets-(\w+)/.exec(arn)![1], weight]),
  ) as Record<string, number>
}

describe('the load balancer', () => {
  const lb = production.get('aws_lb', 'load-balancer')

  test('is internal, without a way in from the internet, in two zones', () => {
    expect(lb).toMatchObject({
      internal: true,
      subnets: ['${aws_subnet.subnet-isolated-1.id}', '${aws_subnet.subnet-isolated-2.id}'],
      security_groups: ['${aws_security_group.group-load-balancer.id}'],
    })
  })

  test('refuses what is ambiguous, and writes down the rest', () => {
    expect(lb).toMatchObject({
      drop_invalid_header_fields: true,
      desync_mitigation_mode: 'defensive',
      access_logs: { enabled: true, bucket: '${aws_s3_bucket_policy.bucket-logs-policy.bucket}' },
    })
  })

  test('cannot be deleted in production by mistake', () => {
    expect(lb.enable_deletion_protection).toBe(true)
    const trial = environmentOf(released, 'production', 'economy', { production: false })
    expect(trial.get('aws_lb', 'load-balancer').enable_deletion_protection).toBe(false)
  })

  test('holds a silent connection longer than a heartbeat and gives up before the web does', () => {
    const idleMs = Number(lb.idle_timeout) * 1000
    expect(idleMs).toBeGreaterThan(msIn(web('routes/event-stream.ts'), 'HEARTBEAT_MS'))
    expect(idleMs).toBeLessThan(msIn(web('server.ts'), 'keepAliveTimeout'))
  })

  test('knows nobody who does not name an environment', () => {
    expect(production.get('aws_lb_listener', 'listener')).toMatchObject({
      port: 80,
      default_action: [{ type: 'fixed-response', fixed_response: { status_code: '404' } }],
    })
  })

  test('is shared by a lodger, who adds its rules and has none of its own', () => {
    expect(staging.all('aws_lb')).toEqual({})
    expect(staging.all('aws_lb_listener')).toEqual({})
    expect(staging.data('aws_lb', 'load-balancer')).toEqual({ name: 'dayshift-production' })
    expect(staging.get('aws_lb_listener_rule', 'route')).toMatchObject({
      listener_arn: '${data.aws_lb_listener.listener.arn}',
      condition: [{ http_header: { http_header_name: 'X-Dayshift-Route', values: ['staging'] } }],
    })
  })
})

describe('the traffic', () => {
  test.each([
    ['all at the first version', released, { blue: 100, green: 0 }],
    ['one percent at the second', shifted(1), { blue: 99, green: 1 }],
    ['all at the second', shifted(100), { blue: 0, green: 100 }],
    ['nowhere before the first release, but nobody answers there', unreleased, { blue: 100, green: 0 }],
  ])('is divided by the weights of the release: %s', (_, release, weights) => {
    expect(weightsOf(environmentOf(release, 'production', 'economy'))).toEqual(weights)
  })

  test('does not stick to a colour', () => {
    expect(production.get('aws_lb_listener_rule', 'route')).toMatchObject({
      action: [{ forward: { stickiness: { enabled: false } } }],
    })
    for (const group of Object.values(production.all('aws_lb_target_group')))
      expect(group).toMatchObject({ stickiness: { enabled: false } })
  })

  test('can be led to one colour alone, by a value that no environment has', () => {
    for (const colour of ['blue', 'green']) {
      expect(production.get('aws_lb_listener_rule', `route-${colour}`)).toMatchObject({
        condition: [{ http_header: { values: [`production-${colour}`] } }],
        action: [{ type: 'forward', target_group_arn: `\${aws_lb_target_group.targets-${colour}.arn}` }],
      })
    }
  })

  test('goes to tasks that say they are healthy, and has half a minute to end', () => {
    expect(production.get('aws_lb_target_group', 'targets-blue')).toMatchObject({
      target_type: 'ip',
      port: 8765,
      protocol: 'HTTP',
      health_check: { path: '/health', matcher: '200' },
      deregistration_delay: '30',
    })
  })
})

describe('an old deployment', () => {
  const hand = (target: object) => environmentOf(takingOver(target, 1), 'production', 'economy')

  test('at addresses beyond the network has the rest of the traffic, and a way out to each', () => {
    const stack = hand({ type: 'ip', addresses: ['10.1.2.3', '10.1.2.4'], beyondNetwork: true, port: 8080 })
    expect(weightsOf(stack)).toEqual({ blue: 1, green: 0, legacy: 99 })
    expect(stack.get('aws_lb_target_group', 'targets-legacy')).toMatchObject({ target_type: 'ip', port: 8080 })
    expect(stack.get('aws_lb_target_group_attachment', 'target-legacy-2')).toMatchObject({
      target_id: '10.1.2.4',
      availability_zone: 'all',
    })
    expect(stack.get('aws_vpc_security_group_egress_rule', 'way-load-balancer-to-legacy-2')).toMatchObject({
      security_group_id: '${aws_security_group.group-load-balancer.id}',
      cidr_ipv4: '10.1.2.4/32',
      from_port: 8080,
      to_port: 8080,
    })
  })

  test('on instances of the network is reached by their ids', () => {
    const stack = hand({ type: 'instance', instanceIds: ['i-0123456789abcdef0'], port: 80, healthPath: '/up' })
    expect(stack.get('aws_lb_target_group', 'targets-legacy')).toMatchObject({
      target_type: 'instance',
      health_check: { path: '/up', matcher: '200-399' },
    })
    const attachment = stack.get('aws_lb_target_group_attachment', 'target-legacy-1')
    expect(attachment).toMatchObject({ target_id: 'i-0123456789abcdef0' })
    expect(attachment).not.toHaveProperty('availability_zone')
    expect(stack.get('aws_vpc_security_group_egress_rule', 'way-load-balancer-to-legacy-1')).toMatchObject({
      cidr_ipv4: '10.20.0.0/16',
    })
  })

  test('behind a load balancer is reached through one with addresses that stay', () => {
    const arn = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/old/50dc6c495c0c9188'
    const stack = hand({ type: 'load-balancer', arn, port: 443, protocol: 'HTTPS' })
    expect(stack.get('aws_lb', 'passage')).toMatchObject({
      load_balancer_type: 'network',
      internal: true,
      subnet_mapping: [
        { private_ipv4_address: '${cidrhost(data.aws_subnet.passage-subnet-1.cidr_block, -11)}' },
        { private_ipv4_address: '${cidrhost(data.aws_subnet.passage-subnet-2.cidr_block, -11)}' },
      ],
    })
    expect(stack.get('aws_lb_target_group', 'passage-targets')).toMatchObject({ target_type: 'alb', protocol: 'TCP' })
    expect(stack.get('aws_lb_target_group_attachment', 'passage-target')).toMatchObject({ target_id: arn, port: 443 })
    // What CloudFront's load balancer sends to: an Application Load Balancer takes no other one as its target.
    expect(stack.get('aws_lb_target_group', 'targets-legacy')).toMatchObject({ target_type: 'ip', protocol: 'HTTPS' })
    expect(stack.get('aws_lb_target_group_attachment', 'target-legacy-1')).toMatchObject({
      target_id: '${cidrhost(data.aws_subnet.passage-subnet-1.cidr_block, -11)}',
    })
  })

  test('costs nothing when there is none', () => {
    expect(Object.keys(production.all('aws_lb_target_group'))).toEqual(['targets-blue', 'targets-green'])
    expect(Object.keys(production.all('aws_lb'))).toEqual(['load-balancer'])
  })
})
