import { describe, expect, test } from 'vitest'
import { IamRolePolicy } from '../aws.ts'
import { policyDocument, type Statement } from '../policy.ts'
import { planOf } from '../testing/foundation.ts'
import { synthesize } from '../testing/synthesize.ts'
import { modelStatements } from './models.ts'

/** Statements by their names, tokens as a hyphen. */
function statementsOf(region: string, textModelId = 'anthropic.claude-haiku-5-5'): Statement[] {
  const { models, ...plan } = planOf('production', 'economy')
  const stack = synthesize({ ...plan, region, models: { ...models, textModelId } }, (stack, plan) => {
    const policy = policyDocument(modelStatements(stack, plan))
    return new IamRolePolicy(stack, 'models', { role: 'web', policy })
  })
  const { policy } = stack.get('aws_iam_role_policy', 'models')
  return JSON.parse(String(policy).replaceAll(/\$\{[^}]+\}/g, '-')).Statement
}
const resources = (sid: string, ...about: Parameters<typeof statementsOf>): string[] =>
  [statementsOf(...about).find(({ Sid }) => Sid === sid)?.Resource ?? []].flat()
const profile = (region: string, id: string) => `arn:-:bedrock:${region}:-:inference-profile/${id}`
const model = (region: string, id: string) => `arn:-:bedrock:${region}::foundation-model/${id}`

// By hand from the catalogue (packages/llm/src/catalogue.json) and the rule of the gateway: the bare id where it can be called, else
// the profile of the geography, else the global one.
describe('the models that tasks may call', () => {
  const haiku = 'anthropic.claude-haiku-5-5'

  test('in us-east-1 go through the profile of the United States, to any of its regions', () => {
    expect(resources('InferenceProfiles', 'us-east-1')).toContain(profile('us-east-1', `us.${haiku}`))
    expect(resources('ModelsBehindProfiles', 'us-east-1')).toContain(model('us-*', haiku))
    expect(resources('ModelsOfThisRegion', 'us-east-1')).not.toContain(model('us-east-1', haiku))
  })

  test('go nowhere else: no global profile where there is one of the geography', () => {
    for (const sid of ['InferenceProfiles', 'ModelsBehindProfiles'])
      expect(resources(sid, 'us-east-1').filter((arn) => /global|:bedrock::|eu-|ap-/.test(arn))).toEqual([])
    expect(resources('ModelsBehindProfiles', 'eu-central-1').filter((arn) => !arn.includes(':eu-*:'))).toEqual([])
  })

  test('are called directly where the region has them', () => {
    expect(resources('ModelsOfThisRegion', 'us-east-1')).toContain(model('us-east-1', 'amazon.titan-embed-text-v2:0'))
    expect(resources('ModelsOfThisRegion', 'us-east-1')).toContain(model('us-east-1', 'amazon.nova-lite-v1:0'))
    expect(resources('ModelsOfThisRegion', 'us-west-2')).not.toContain(model('us-west-2', 'amazon.nova-lite-v1:0'))
  })

  test('in a region without a geography go through the global profile: to the region itself or to none', () => {
    expect(resources('InferenceProfiles', 'sa-east-1')).toContain(profile('sa-east-1', `global.${haiku}`))
    const behind = resources('ModelsBehindProfiles', 'sa-east-1')
    expect(behind).toContain(model('sa-east-1', haiku))
    expect(behind).toContain(model('', haiku))
  })

  test('may go through the global profile where the environment names it', () => {
    expect(resources('InferenceProfiles', 'us-east-1', `global.${haiku}`)).toContain(
      profile('us-east-1', `global.${haiku}`),
    )
  })

  test("in Australia go through its own profile, in Canada through Canada's", () => {
    expect(resources('InferenceProfiles', 'ap-southeast-2')).toContain(profile('ap-southeast-2', `au.${haiku}`))
    expect(resources('InferenceProfiles', 'ca-central-1')).toContain(
      profile('ca-central-1', 'ca.amazon.nova-lite-v1:0'),
    )
  })

  test('in Singapore and Seoul have no profile of Australia or Japan', () => {
    for (const region of ['ap-southeast-1', 'ap-northeast-2'])
      expect(resources('InferenceProfiles', region).filter((arn) => /\/(au|jp)\./.test(arn))).toEqual([])
    expect(resources('InferenceProfiles', 'ap-southeast-1')).toContain(profile('ap-southeast-1', `global.${haiku}`))
  })

  test('of the government of the United States are not those of the others', () => {
    expect(resources('InferenceProfiles', 'us-gov-west-1').filter((arn) => arn.includes('/us.'))).toEqual([])
  })

  test('are alive', () => {
    const all = ['ModelsOfThisRegion', 'InferenceProfiles', 'ModelsBehindProfiles'].flatMap((sid) =>
      resources(sid, 'us-east-1'),
    )
    expect(all.filter((arn) => /claude-3|llama3-2/.test(arn))).toEqual([])
  })

  test('behind a profile are reached through a profile alone', () => {
    const statements = statementsOf('us-east-1')
    const { Resource } = statements.find(({ Sid }) => Sid === 'InferenceProfiles')!
    expect(statements.find(({ Sid }) => Sid === 'ModelsBehindProfiles')!.Condition).toEqual({
      ArnEquals: { 'bedrock:InferenceProfileArn': Resource },
    })
  })
})
