import { describe, expect, test } from 'vitest'
import { environmentOf, released } from '../testing/environment.ts'

interface Group {
  managed_rule_group_statement: { vendor_name: string; name: string; rule_action_override: { name: string }[] }
}
const standard = environmentOf(released, 'production', 'standard')
const firewall = standard.get('aws_wafv2_web_acl', 'firewall')
const [rate, common, known] = firewall.rule as [object, { statement: Group }, { statement: Group }]
const counted = ({ statement }: { statement: Group }) =>
  statement.managed_rule_group_statement.rule_action_override.map(({ name }) => name)

describe('the firewall', () => {
  test('stands before CloudFront where the profile buys it, and not before a lodger', () => {
    expect(firewall).toMatchObject({ scope: 'CLOUDFRONT', region: 'us-east-1', default_action: { allow: {} } })
    expect(standard.get('aws_cloudfront_distribution', 'distribution').web_acl_id).toBe(
      '${aws_wafv2_web_acl.firewall.arn}',
    )
    for (const stack of [
      environmentOf(released, 'production', 'economy'),
      environmentOf(released, 'staging', 'standard'),
    ])
      expect(stack.all('aws_wafv2_web_acl')).toEqual({})
  })

  test('has three rules, for each costs a dollar: a limit of requests, and two groups of AWS', () => {
    expect(firewall.rule).toHaveLength(3)
    expect(rate).toMatchObject({
      action: { block: { custom_response: { response_code: 429 } } },
      statement: { rate_based_statement: { limit: 3000, aggregate_key_type: 'IP' } },
    })
    const group = (name: string) => ({
      override_action: { none: {} },
      statement: { managed_rule_group_statement: { vendor_name: 'AWS', name } },
    })
    expect(common).toMatchObject(group('AWSManagedRulesCommonRuleSet'))
    expect(known).toMatchObject(group('AWSManagedRulesKnownBadInputsRuleSet'))
  })

  // Names: AWS WAF developer guide, "AWS Managed Rules rule groups list".
  test('lets analysts search for attacks and send them, and long prompts, but counts', () => {
    expect(counted(common)).toEqual(
      expect.arrayContaining(['SizeRestrictions_BODY', 'CrossSiteScripting_BODY', 'GenericRFI_QUERYARGUMENTS']),
    )
    expect(counted(known)).toEqual(expect.arrayContaining(['Log4JRCE_BODY', 'Log4JRCE_QUERYSTRING']))
  })

  test('blocks the same in headers, cookies and paths, where no analyst writes', () => {
    const names = [...counted(common), ...counted(known)]
    expect(names.filter((name) => /_(HEADER|COOKIE|URIPATH|METHOD)$/i.test(name))).toEqual([])
  })
})
