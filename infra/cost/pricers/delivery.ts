import { z } from 'zod'
import type { Pricer } from '../charge.ts'
import { getPriceKey } from '../prices.ts'
import { blocks, readValues } from '../resources.ts'

/** The first type by the pipeline in use, the second by the minutes of its actions. */
export const pricePipeline: Pricer = (resource, { usage }) => {
  const { pipeline_type: type } = readValues(z.object({ pipeline_type: z.enum(['V1', 'V2']).nullish() }), resource)
  const base = { resource: resource.address }
  if (type !== 'V2') return [{ ...base, what: 'pipeline', price: 'codepipeline.v1', quantity: 1 }]
  const minutes = usage.builds * usage.pipelineMinutes
  return [{ ...base, what: 'actions', price: 'codepipeline.v2', quantity: minutes }]
}

const Project = z.object({
  name: z.string().nullish(),
  environment: blocks(z.object({ type: z.string(), compute_type: z.string() })),
})
const PLATFORMS: Record<string, string> = { LINUX_CONTAINER: 'linux', ARM_CONTAINER: 'arm' }

/** What releases runs at other times than what builds, and longer: it watches. */
export const priceProject: Pricer = (resource, { usage }) => {
  const { name, environment: environments } = readValues(Project, resource)
  const [environment] = environments
  const platform = PLATFORMS[environment?.type ?? ''] ?? environment?.type
  const size = environment?.compute_type.replace('BUILD_GENERAL1_', '').toLowerCase()
  const price = getPriceKey(`codebuild.${platform}.${size}`, resource.address)
  const releases = name?.endsWith('-release') ?? false
  const minutes = releases ? usage.releases * usage.releaseMinutes : usage.builds * usage.buildMinutes
  return [{ resource: resource.address, what: releases ? 'releases' : 'builds', price, quantity: minutes }]
}
