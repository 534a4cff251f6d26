import type { Attribute, Block, NestedBlock, ValueType } from './schema.ts'

// What the bindings do not tell, written from the provider's documentation: registry.terraform.io/providers/hashicorp/aws/6.25.0/docs.

const optional = (name: string, type: ValueType): Attribute => ({ name, type, optional: true })
const required = (name: string, type: ValueType): Attribute => ({ name, type, required: true })
const one = (name: string, block: Block, minItems: 0 | 1 = 0): NestedBlock => ({
  name,
  nesting: 'list',
  minItems,
  maxItems: 1,
  block,
})
const block = (attributes: Attribute[], blocks: NestedBlock[] = []): Block => ({ attributes, blocks })

/** Resources that have a value and no state, which the bindings lack. …/ephemeral-resources/secretsmanager_random_password */
export const ephemeralSchemas: Record<string, Block> = {
  aws_secretsmanager_random_password: block([
    optional('exclude_characters', 'string'),
    optional('exclude_lowercase', 'bool'),
    optional('exclude_numbers', 'bool'),
    optional('exclude_punctuation', 'bool'),
    optional('exclude_uppercase', 'bool'),
    optional('include_space', 'bool'),
    optional('password_length', 'number'),
    optional('region', 'string'),
    optional('require_each_included_type', 'bool'),
    { name: 'random_password', type: 'string', computed: true },
  ]),
}

const ruleAction = block(
  [],
  ['allow', 'block', 'captcha', 'challenge', 'count'].map((action) => one(action, block([]))),
)
const ruleActionOverride: NestedBlock = {
  name: 'rule_action_override',
  nesting: 'list',
  minItems: 0,
  maxItems: 0,
  block: block([required('name', 'string')], [one('action_to_use', ruleAction, 1)]),
}

/** The statements of a firewall's rule that we use, of the many that there are; the bindings call them `any`. …/resources/wafv2_web_acl */
const firewallStatement = block(
  [],
  [
    one('geo_match_statement', block([required('country_codes', ['list', 'string'])])),
    one(
      'managed_rule_group_statement',
      block(
        [required('name', 'string'), required('vendor_name', 'string'), optional('version', 'string')],
        [ruleActionOverride],
      ),
    ),
    one(
      'rate_based_statement',
      block([
        required('limit', 'number'),
        optional('aggregate_key_type', 'string'),
        optional('evaluation_window_sec', 'number'),
      ]),
    ),
  ],
)

/** Blocks that take the place of an attribute of unknown form, by resource type and the block that they stand in. */
export const writtenBlocks: Record<string, { within: string; block: NestedBlock }> = {
  aws_wafv2_web_acl: { within: 'rule', block: one('statement', firewallStatement, 1) },
}
