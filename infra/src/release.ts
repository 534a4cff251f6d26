import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Colour } from './parts.ts'

const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'expected sha256: and 64 hexadecimal digits')
/** One version: the digests of its images in the registry. */
const Images = z.strictObject({ web: Digest, worker: Digest })
export type Images = z.output<typeof Images>

const weight = z.int().min(0).max(100)
const port = z.int().min(1).max(65_535)
/** HTTPS where the old one answers plain HTTP with a redirect; its certificate is not checked. */
const protocol = z.enum(['HTTP', 'HTTPS']).default('HTTP')
const healthPath = z.string().startsWith('/').default('/')
const answers = { port, protocol, healthPath }
const OwnColour = z.strictObject({ images: Images.nullable(), weight })

/** Where an old deployment answers. */
const LegacyTarget = z.discriminatedUnion('type', [
  /** Instances in the environment's own network. */
  z.strictObject({
    type: z.literal('instance'),
    instanceIds: z.array(z.string().regex(/^i-[0-9a-f]{8,17}$/, 'expected i- and hexadecimal digits')).min(1),
    ...answers,
  }),
  /** Private addresses in the environment's network, or beyond a peering, a transit gateway or a VPN. */
  z.strictObject({
    type: z.literal('ip'),
    addresses: z.array(z.ipv4()).min(1),
    beyondNetwork: z.boolean().default(false),
    ...answers,
  }),
  /** An Application Load Balancer in the environment's network. */
  z.strictObject({
    type: z.literal('load-balancer'),
    arn: z.string().regex(/:loadbalancer\/app\//, 'expected the ARN of an Application Load Balancer'),
    ...answers,
  }),
])
export type LegacyTarget = z.output<typeof LegacyTarget>

const colours = ['blue', 'green', 'legacy'] as const

/**
 * What runs and who has the traffic: all that a release changes, `releases/<environment>.json`. `active` has the traffic or is
 * being given it, `former` had it before and is the way back. No other colour ever has any.
 */
const Release = z
  .strictObject({
    active: z.enum(colours),
    former: z.enum(colours).nullable(),
    blue: OwnColour,
    green: OwnColour,
    legacy: z.strictObject({ weight, target: LegacyTarget }).optional(),
  })
  .superRefine((release, context) => {
    const complain = (message: string): void => context.addIssue({ code: 'custom', message, path: [] })
    const { active, former } = release
    const sum = colours.reduce((total, colour) => total + weightOf(release, colour), 0)
    if (sum !== 100 && !hasNoTraffic(release))
      complain(`The weights sum up to ${sum}: expected 100, or 0 before the first release.`)
    if (active === former) complain(`${active} cannot be both active and former.`)
    for (const colour of colours) {
      const isInUse = colour === active || colour === former
      if (weightOf(release, colour) > 0 && !isInUse)
        complain(
          `${colour} has weight: expected weight at the active (${active}) and the former (${former}) colour only.`,
        )
      if (weightOf(release, colour) > 0 && colour !== 'legacy' && !release[colour].images)
        complain(`${colour} has weight and no images: expected images for what has traffic.`)
      if (isInUse && colour === 'legacy' && !release.legacy)
        complain('legacy is named and has no target: expected "legacy": { "weight", "target" }.')
    }
  })
export type Release = z.output<typeof Release>

/** @throws Error that lists what is wrong */
export function parseRelease(data: unknown): Release {
  const parsed = Release.safeParse(data)
  if (parsed.success) return parsed.data
  throw new Error(`The release is not valid:\n${z.prettifyError(parsed.error)}`)
}

/** @throws Error that names the file when it is missing or wrong */
export function readRelease(folder: string, environment: string): Release {
  const path = join(folder, `${environment}.json`)
  try {
    return parseRelease(JSON.parse(readFileSync(path, 'utf8')))
  } catch (cause) {
    throw new Error(`${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

/**
 * Puts a new version into the free colour, without traffic: its migration can run, and its tasks start, before it gets any.
 * @throws Error while a shift is under way, for then no colour is free
 */
export function stageRelease(release: Release, images: Images): Release {
  const staged = { images, weight: 0 }
  if (hasNoTraffic(release)) return parseRelease({ ...release, active: 'blue', blue: staged })
  const holder = colours.find((colour) => weightOf(release, colour) === 100)
  if (!holder) throw new Error('A shift is under way: bring it to 100 or roll it back before the next release.')
  const free = holder === 'blue' ? 'green' : 'blue'
  return parseRelease({ ...release, active: free, former: holder, [free]: staged })
}

/**
 * Gives the active colour this share of the traffic, in whole percent, and the former the rest.
 * @throws Error when it is no whole percentage, or when nobody is there to have the rest
 */
export function shift(release: Release, percent: number): Release {
  const { active, former } = release
  const given = withWeight(release, active, percent)
  if (former !== null) return parseRelease(withWeight(given, former, 100 - percent))
  if (percent === 100) return parseRelease(given)
  throw new Error(`Nobody had the traffic before ${active}: expected a shift to 100, came ${percent}.`)
}

/** All traffic back to where it came from; the active colour keeps its images, so that it can be tried again. */
export const rollback = (release: Release): Release => shift(release, 0)

export const weightOf = (release: Pick<Release, Colour>, colour: Colour): number => release[colour]?.weight ?? 0

/** Whether tasks of ours have traffic; without it the worker rests, too. */
export const isLive = (release: Release): boolean => release.blue.weight + release.green.weight > 0

/** The worker and its migration follow the web: the worker has the version with the most traffic, the newer one when equal. */
export function workerImage({ active, former, ...release }: Release): string | null {
  const own = [active, former].filter((colour) => colour === 'blue' || colour === 'green')
  const [heaviest] = own.sort((a, b) => release[b].weight - release[a].weight)
  return heaviest ? (release[heaviest].images?.worker ?? null) : null
}

/** The migration has the active version, so that it can run before that version gets traffic. */
export function migrationImage(release: Release): string | null {
  const { active } = release
  return active === 'legacy' ? workerImage(release) : (release[active].images?.worker ?? null)
}

/** Before the first release: later on somebody always has the traffic. */
const hasNoTraffic = (release: Pick<Release, Colour | 'former'>): boolean =>
  release.former === null && colours.every((colour) => weightOf(release, colour) === 0)

const withWeight = (release: Release, colour: Colour, weight: number): Release => ({
  ...release,
  [colour]: { ...release[colour], weight },
})
