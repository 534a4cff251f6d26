import { z } from 'zod'
import catalogueFile from '../../../packages/llm/src/catalogue.json' with { type: 'json' }
import type { TerraformStack } from '../aws.ts'
import type { Plan } from '../environment.ts'
import { accountId, partition } from '../identity.ts'
import type { Statement } from '../policy.ts'

/** What is read here of the gateway's catalogue. */
const catalogue = z
  .object({
    models: z.array(
      z.object({
        id: z.string(),
        status: z.enum(['active', 'legacy', 'end-of-life']),
        /** Where it may be called without a profile: everywhere, nowhere, or in these regions. */
        onDemand: z.union([z.boolean(), z.array(z.string())]),
        profiles: z.array(z.string()),
      }),
    ),
  })
  .parse(catalogueFile)

const actions = ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream', 'bedrock:CountTokens']

/** Where the inference profiles of a geography may work: its regions, of which AWS opens new ones now and then. */
const regionsOf: Record<string, string> = {
  'us-gov': 'us-gov-*',
  us: 'us-*',
  eu: 'eu-*',
  ca: 'ca-*',
  jp: 'ap-northeast-*',
  au: 'ap-southeast-*',
  apac: 'ap-*',
}

interface Way {
  modelId: string
  /** Of an inference profile; without one the model works in the caller's region. */
  profile?: string
}

/**
 * Bedrock's living models of the catalogue and the ways to them that the gateway takes from this region: the bare model, or the
 * inference profile of the region's geography; the global one only where no other is, or where the environment names it. A model in
 * another region is reached through its profile alone. Form: Amazon Bedrock user guide, "Prerequisites for inference profiles".
 */
export function modelStatements(stack: TerraformStack, plan: Plan): Statement[] {
  const bedrock = `arn:${partition(stack)}:bedrock`
  const ways = waysTo(plan)
  const profiles = ways.filter((way) => way.profile !== undefined)
  const profileArns = profiles.map(
    ({ modelId, profile }) => `${bedrock}:${plan.region}:${accountId(stack)}:inference-profile/${profile}.${modelId}`,
  )
  const behind = profiles.flatMap(({ modelId, profile }) =>
    destinations(plan, profile!).map((region) => `${bedrock}:${region}::foundation-model/${modelId}`),
  )
  const direct = ways.filter((way) => way.profile === undefined)
  return [
    {
      Sid: 'ModelsOfThisRegion',
      Effect: 'Allow',
      Action: actions,
      Resource: direct.map(({ modelId }) => `${bedrock}:${plan.region}::foundation-model/${modelId}`),
    },
    { Sid: 'InferenceProfiles', Effect: 'Allow', Action: actions, Resource: profileArns },
    {
      Sid: 'ModelsBehindProfiles',
      Effect: 'Allow',
      Action: actions,
      Resource: [...new Set(behind)],
      Condition: { ArnEquals: { 'bedrock:InferenceProfileArn': profileArns } },
    },
  ].filter(({ Resource }) => Resource.length > 0) as Statement[]
}

function waysTo({ region, models }: Plan): Way[] {
  const chosen = [models.textModelId, models.embeddingModelId]
  return catalogue.models
    .filter(({ status }) => status !== 'end-of-life')
    .flatMap(({ id: modelId, onDemand, profiles }) => {
      const direct = Array.isArray(onDemand) ? onDemand.includes(region) : onDemand
      const near = geographiesOf(region).filter((geography) => profiles.includes(geography))
      const isGlobal = profiles.includes('global')
      const needsGlobal = isGlobal && ((!direct && near.length === 0) || chosen.includes(`global.${modelId}`))
      const named = needsGlobal ? [...near, 'global'] : near
      return [...(direct ? [{ modelId }] : []), ...named.map((profile) => ({ modelId, profile }))]
    })
}

/** Geographies whose inference profiles can be called from a region. */
const geographiesOf = (region: string): string[] =>
  Object.keys(regionsOf).filter((geography) => matches(region, geography))

function matches(region: string, geography: string): boolean {
  if (geography === 'jp') return ['ap-northeast-1', 'ap-northeast-3'].includes(region)
  if (geography === 'au') return ['ap-southeast-2', 'ap-southeast-4'].includes(region)
  if (geography === 'us' && region.startsWith('us-gov-')) return false
  return region.startsWith(regionsOf[geography]!.replace('*', ''))
}

/** A global profile asks for the model in the caller's region and in none. */
const destinations = ({ region }: Plan, profile: string): string[] =>
  profile === 'global' ? [region, ''] : [regionsOf[profile]!]
