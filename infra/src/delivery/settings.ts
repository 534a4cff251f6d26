import { z } from 'zod'
import { Environment } from '../environment.ts'
import { bootstrap, environments } from '../environments.ts'

/** What a pipeline of the account releases, and to whom it turns. */
export const Delivery = z.object({
  region: Environment.shape.region,
  /** On GitHub, `owner/name`. */
  repository: z.string(),
  branch: z.string().min(1),
  /** Released to at once, to see that a version works. */
  staging: z.string(),
  /** Released to step by step, once somebody has approved. */
  production: z.string(),
  approvalEmail: z.email(),
})
export type Delivery = z.output<typeof Delivery>

const [production, staging] = [true, false].map((is) =>
  environments.find((environment) => environment.production === is)!,
)

export const delivery: Delivery = Delivery.parse({
  region: bootstrap.region,
  repository: bootstrap.repository,
  branch: 'main',
  staging: staging!.name,
  production: production!.name,
  approvalEmail: production!.alarmEmail,
})
