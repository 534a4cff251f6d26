import { z } from 'zod'

/** When an environment is open. Everything that starts, stops or is checked by the clock follows this one value. */
export const Hours = z
  .object({
    /** IANA name, such as `Europe/Berlin`. */
    timeZone: z.string().refine(isTimeZone, { message: 'expected an IANA time zone such as Europe/Berlin' }),
    days: z.array(z.enum(['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'])).min(1),
    from: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected HH:MM'),
    to: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected HH:MM'),
    /** How long before `from` the database and the services start. RDS needs 20 minutes or more. */
    warmUpMinutes: z.number().int().min(20).max(120).default(30),
  })
  .refine(({ from, to }) => from < to, {
    error: ({ input }) => {
      const { from, to } = input as { from: string; to: string }
      return `The hours ${from} to ${to} end before they begin: expected both on the same day.`
    },
  })
export type Hours = z.output<typeof Hours>

/** Names alone, not offsets; Intl takes both spellings of a renamed city but lists one. */
function isTimeZone(name: string): boolean {
  try {
    return /^[A-Z]/.test(name) && new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions() !== undefined
  } catch {
    return false
  }
}

/** In how many Availability Zones an interface endpoint stands; each has its price. */
type EndpointZones = 'none' | 'one-az' | 'every-az'

/** What a profile buys. */
export interface Profile {
  name: 'economy' | 'standard' | 'ha'
  database: { instanceClass: string; storageGb: number; multiAz: boolean; always: boolean; backupDays: number }
  cache: { nodeType: string; nodes: 1 | 2 }
  web: { vcpu: number; memoryMb: number; min: number; max: number; always: boolean }
  worker: { vcpu: number; memoryMb: number; min: number; max: number; always: boolean; onDemandBase: 0 | 1 }
  endpoints: { bedrock: EndpointZones; secrets: EndpointZones; ecr: EndpointZones; logs: EndpointZones }
  waf: boolean
  containerInsights: boolean
  /** AWS Backup beside RDS's own backups. */
  backupPlan: boolean
}

/** An environment: data, one stack each. */
export const Environment = z.object({
  name: z.string().regex(/^[a-z][a-z0-9]{2,11}$/, 'expected 3 to 12 lower-case letters and digits'),
  /** Guards deletion, keeps a final snapshot, asks for approval. */
  production: z.boolean(),
  profile: z.enum(['economy', 'standard', 'ha']),
  region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/),
  cidr: z.string().regex(/^\d+\.\d+\.\d+\.\d+\/16$/, 'expected a /16 network such as 10.20.0.0/16'),
  hours: Hours,
  /** Sleeps although it is in hours; `npm run release -- wake` opens it, at most so many hours a month. */
  asleep: z.object({ wakeHoursPerMonth: z.number().int().min(1) }).optional(),
  /** The environment whose network, load balancer and cache it shares, to be cheap; found by their names. */
  lodgesWith: z.string().optional(),
  /**
   * A key of our own in place of those that AWS keeps, a dollar a month. Decided when the environment is made: database and
   * cache cannot change their key, so Terraform would replace both.
   */
  ownKey: z.boolean().default(false),
  egress: z.enum(['public-ip', 'nat-instance', 'nat-gateway']).default('public-ip'),
  /** Host name with its certificate (in us-east-1); without it CloudFront's own name is used. */
  domain: z
    .object({ name: z.string(), zoneId: z.string().optional(), certificateArn: z.string().optional() })
    .optional(),
  /** ISO 3166-1 alpha-2 codes that alone may use it. */
  countries: z.array(z.string().regex(/^[A-Z]{2}$/)).default([]),
  alarmEmail: z.email(),
  /** Dollars a month at which the budget stands at 100 %. */
  budgetUsd: z.number().positive(),
  models: z.object({
    textModelId: z.string(),
    embeddingModelId: z.string(),
    dailyBudgetUsd: z.number().positive(),
    /** What the price counts with. */
    articlesPerMonth: z.number().int().positive(),
    /** Keeps Bedrock's own log of calls, which settles what is not known of a bill. There is one for an account and region. */
    invocationLog: z.boolean().default(false),
  }),
  /** One higher makes a new password of the application's database user; the next migration sets it. */
  databasePasswordVersion: z.number().int().min(1).default(1),
  logDays: z.union([z.literal(7), z.literal(30)]),
})
export type Environment = z.output<typeof Environment>

/** What the stack of an environment is built from: its data and what its profile buys. */
export interface Plan extends Environment {
  buys: Profile
}

/** What an account needs once, before its first environment. */
export const Bootstrap = z.object({
  region: Environment.shape.region,
  /** On GitHub; its workflows may deploy. */
  repository: z.string().regex(/^[\w.-]+\/[\w.-]+$/, 'expected owner/name'),
  /** Names of the environments, here and of the repository's environments on GitHub. */
  environments: z.array(Environment.shape.name).min(1),
})
export type Bootstrap = z.output<typeof Bootstrap>
