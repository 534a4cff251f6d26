import { type TerraformStack, Wafv2WebAcl } from '../aws.ts'
import type { Plan } from '../environment.ts'

/**
 * Rules that only count. Analysts search for attacks and paste them, addresses and code alike: in a body or a query such text is
 * their work. And a prompt, an image or an upload is longer than the 8 KB that the group allows.
 */
const countedOf = {
  AWSManagedRulesCommonRuleSet: [
    'SizeRestrictions_BODY',
    'SizeRestrictions_QUERYSTRING',
    'EC2MetaDataSSRF_BODY',
    'EC2MetaDataSSRF_QUERYARGUMENTS',
    'GenericLFI_BODY',
    'GenericLFI_QUERYARGUMENTS',
    'GenericRFI_BODY',
    'GenericRFI_QUERYARGUMENTS',
    'RestrictedExtensions_QUERYARGUMENTS',
    'CrossSiteScripting_BODY',
    'CrossSiteScripting_QUERYARGUMENTS',
  ],
  AWSManagedRulesKnownBadInputsRuleSet: [
    'JavaDeserializationRCE_BODY',
    'JavaDeserializationRCE_QUERYSTRING',
    'Log4JRCE_BODY',
    'Log4JRCE_QUERYSTRING',
  ],
}

/** A team behind one address stays below it; a flood does not. */
const MOST_REQUESTS_IN_5_MINUTES = 3000

/** AWS WAF before CloudFront: 5 dollars a month and one for each of the three rules. Gives its ARN. */
export function createFirewall(stack: TerraformStack, plan: Plan): string {
  const name = `dayshift-${plan.name}`
  return new Wafv2WebAcl(stack, 'firewall', {
    // What is before CloudFront lives there, wherever the rest is.
    region: 'us-east-1',
    scope: 'CLOUDFRONT',
    name,
    description: 'What nobody sends who works with Dayshift',
    defaultAction: { allow: {} },
    rule: [
      {
        name: 'rate',
        priority: 0,
        action: { block: { customResponse: { responseCode: 429 } } },
        // The bindings do not know the form of a statement: the provider's own names.
        statement: {
          rate_based_statement: {
            limit: MOST_REQUESTS_IN_5_MINUTES,
            aggregate_key_type: 'IP',
            evaluation_window_sec: 300,
          },
        },
        visibilityConfig: watched(`${name}-rate`),
      },
      ...Object.entries(countedOf).map(([group, counted], n) => ({
        name: group,
        priority: n + 1,
        overrideAction: { none: {} },
        statement: {
          managed_rule_group_statement: {
            vendor_name: 'AWS',
            name: group,
            rule_action_override: counted.map((rule) => ({ name: rule, action_to_use: { count: {} } })),
          },
        },
        visibilityConfig: watched(`${name}-${group}`),
      })),
    ],
    visibilityConfig: watched(name),
    tags: { Name: name },
  }).arn
}

const watched = (metricName: string) => ({ metricName, cloudwatchMetricsEnabled: true, sampledRequestsEnabled: true })
