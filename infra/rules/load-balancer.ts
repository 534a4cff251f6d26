import { each, needed, refersTo, type Resource, type Subject, value, values } from './subject.ts'
import { type Rule, show } from './rule.ts'

const balancers = (subject: Subject): Resource[] =>
  subject.of('aws_lb').filter(({ attributes }) => attributes.load_balancer_type !== 'network')

/** Policies of listeners that take no TLS below 1.2: Elastic Load Balancing user guide, "Security policies". */
const modern = /^ELBSecurityPolicy-(TLS13-1-[23]|TLS-1-2|FS-1-2)/

const isTls = ({ attributes }: Resource): boolean => ['HTTPS', 'TLS'].includes(String(attributes.protocol))
const redirects = ({ attributes }: Resource): boolean =>
  values(attributes, 'default_action.redirect.protocol').includes('HTTPS')

export const loadBalancerRules: Rule[] = [
  {
    id: 'load-balancer-internal',
    number: 1,
    says: 'The load balancer is internal, or all its listeners speak HTTPS or redirect to it.',
    sources: ['CKV_AWS_2', 'CKV2_AWS_20', 'AWS-0053', 'AWS-0054'],
    check: (subject, plan) => [
      ...(plan && !plan.lodgesWith ? needed(subject, 'aws_lb', 'a load balancer before the tasks') : []),
      ...subject.of('aws_lb').flatMap((balancer) => {
        if (String(balancer.attributes.internal) === 'true') return []
        const listeners = subject
          .of('aws_lb_listener')
          .filter(({ attributes }) => refersTo(attributes.load_balancer_arn, balancer))
        if (listeners.length > 0 && listeners.every((listener) => isTls(listener) || redirects(listener))) return []
        const came = `internal = ${show(balancer.attributes.internal)}`
        return [{ address: balancer.address, expected: 'internal = true, or HTTPS on every listener', came }]
      }),
    ],
  },
  {
    id: 'listener-tls',
    number: 2,
    says: 'A listener with TLS takes none below 1.2.',
    sources: ['CKV_AWS_103', 'AWS-0047'],
    check: (subject) =>
      subject
        .of('aws_lb_listener')
        .filter((listener) => isTls(listener) && !modern.test(String(listener.attributes.ssl_policy)))
        .map(({ address, attributes }) => ({
          address,
          expected: 'ssl_policy of TLS 1.2 or 1.3',
          came: show(attributes.ssl_policy),
        })),
  },
  {
    id: 'load-balancer-headers',
    number: 3,
    says: 'The load balancer drops headers that are not valid.',
    sources: ['CKV_AWS_131', 'AWS-0052'],
    check: (subject) => each(balancers(subject), 'drop_invalid_header_fields', true),
  },
  {
    id: 'load-balancer-desync',
    number: 4,
    says: 'The load balancer guards against requests that it and a task would cut differently.',
    sources: ['CKV_AWS_328'],
    check: (subject) =>
      balancers(subject)
        .filter(({ attributes }) => !['defensive', 'strictest'].includes(String(attributes.desync_mitigation_mode)))
        .map(({ address, attributes }) => ({
          address,
          expected: 'desync_mitigation_mode = defensive or strictest',
          came: show(attributes.desync_mitigation_mode),
        })),
  },
  {
    id: 'load-balancer-logs',
    number: 5,
    says: 'The load balancer writes access logs.',
    sources: ['CKV_AWS_91'],
    check: (subject) => [
      ...each(balancers(subject), 'access_logs.enabled', true),
      ...balancers(subject)
        .filter(({ attributes }) => !value(attributes, 'access_logs.bucket'))
        .map(({ address }) => ({ address, expected: 'access_logs.bucket', came: 'nothing' })),
    ],
  },
  {
    id: 'load-balancer-kept',
    number: 6,
    says: 'In production the load balancer is protected from deletion.',
    sources: ['CKV_AWS_150'],
    check: (subject, plan) => (plan?.production ? each(balancers(subject), 'enable_deletion_protection', true) : []),
  },
  {
    id: 'targets-health',
    number: 7,
    says: 'Every target group over HTTP asks its targets at a path whether they are well.',
    sources: ['CKV_AWS_261'],
    check: (subject) =>
      subject
        .of('aws_lb_target_group')
        .filter(({ attributes }) => {
          const enabled = value(attributes, 'health_check.enabled')
          return !value(attributes, 'health_check.path') || String(enabled) === 'false'
        })
        .map(({ address, attributes }) => ({
          address,
          expected: 'health_check with a path',
          came: show(attributes.health_check),
        })),
  },
]
