import { z } from 'zod'
import type { Pricer } from '../charge.ts'
import { blocks, readValues } from '../resources.ts'

export const priceDistribution: Pricer = ({ address }, { usage }) => [
  { resource: address, what: 'to browsers', price: 'cloudfront.gb', quantity: usage.edgeGb },
  { resource: address, what: 'HTTPS requests', price: 'cloudfront.requests', quantity: usage.requestsMillion },
]

export const priceEdgeFunction: Pricer = ({ address }, { usage }) => [
  { resource: address, what: 'runs', price: 'cloudfront.function', quantity: usage.requestsMillion },
]

const WebAcl = z.object({ rule: blocks(z.unknown()), rules: blocks(z.unknown()) })

/** A rule group counts as one rule. */
export const priceWebAcl: Pricer = (resource, { usage }) => {
  const { rule, rules } = readValues(WebAcl, resource)
  return [
    { resource: resource.address, what: 'web ACL', price: 'waf.acl', quantity: 1 },
    { resource: resource.address, what: 'rules', price: 'waf.rule', quantity: rule.length + rules.length },
    { resource: resource.address, what: 'requests', price: 'waf.requests', quantity: usage.requestsMillion },
  ]
}

export const priceWafLog: Pricer = ({ address }, { usage }) => [
  { resource: address, what: 'delivery', price: 'cloudwatch.logs.to-s3', quantity: usage.vendedGb },
]

/** CloudFront delivers its standard logs to S3 for nothing; AWS charges for turning them into Parquet. */
export const priceLogDestination: Pricer = (resource) => {
  readValues(z.object({ output_format: z.enum(['w3c', 'json', 'plain', 'raw']).nullish() }), resource)
  return []
}

export const priceZone: Pricer = ({ address }) => [
  { resource: address, what: 'hosted zone', price: 'route53.zone', quantity: 1 },
]
