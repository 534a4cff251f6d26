import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { App } from './aws.ts'
import { delivery } from './delivery/settings.ts'
import { bootstrap, environments, getPlan } from './environments.ts'
import { readRelease } from './release.ts'
import { BootstrapStack, DeliveryStack, EnvironmentStack } from './stack.ts'

const Settings = z.object({
  /** Only this one. */
  ENVIRONMENT: z.string().optional(),
  /** In place of the environments' own, for the price and for tests. */
  PROFILE: z.enum(['economy', 'standard', 'ha']).optional(),
  /** Of the state; the bootstrap made it. */
  STATE_BUCKET: z.string().optional(),
  /** In place of the bucket, for trying out. */
  STATE_FOLDER: z.string().optional(),
  RELEASES: z.string().default(fileURLToPath(new URL('../releases', import.meta.url))),
})

/** Writes Terraform's JSON for the bootstrap, the delivery and the environments, and prints nothing: cdktf takes any word for an error. */
function main(): void {
  const settings = Settings.parse(process.env)
  const state = { bucket: settings.STATE_BUCKET, folder: settings.STATE_FOLDER }
  const app = new App()
  if (settings.ENVIRONMENT === undefined) {
    new BootstrapStack(app, bootstrap, state)
    new DeliveryStack(app, delivery, state)
  }
  const names = settings.ENVIRONMENT === undefined ? environments.map(({ name }) => name) : [settings.ENVIRONMENT]
  for (const name of names)
    new EnvironmentStack(app, getPlan(name, settings.PROFILE), readRelease(settings.RELEASES, name), state)
  app.synth()
}

try {
  main()
} catch (error) {
  process.stderr.write(`${error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message}\n`)
  process.exitCode = 1
}
