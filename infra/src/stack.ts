import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { holdToRules } from '../rules/aspect.ts'
import { type App, AwsProvider, LocalBackend, S3Backend, TerraformOutput, TerraformStack } from './aws.ts'
import { createBootstrap } from './bootstrap.ts'
import { createCompute } from './compute/index.ts'
import { createData } from './data/index.ts'
import { createDelivery } from './delivery/index.ts'
import type { Delivery } from './delivery/settings.ts'
import { createEdge } from './edge/index.ts'
import type { Bootstrap, Plan } from './environment.ts'
import { environmentTags } from './identity.ts'
import { createKey } from './keys.ts'
import { createLoadBalancing } from './load-balancing.ts'
import { createFlowLogs, createNetwork, joinNetwork } from './network.ts'
import type { Release } from './release.ts'
import { createScaling } from './scaling.ts'
import { createWatching, prepareWatching } from './watching/index.ts'

// Absolute: cdktf empties its own folder, from which a relative path would be taken.
const HERE = fileURLToPath(new URL('..', import.meta.url))

/** Where Terraform keeps what it knows: a bucket, or a folder for trying out. With neither it asks for a bucket: synth knows none. */
export interface State {
  bucket?: string | undefined
  folder?: string | undefined
}

/** All of one environment. Stacks do not refer to one another: a lodger finds its host by names. */
export class EnvironmentStack extends TerraformStack {
  constructor(app: App, plan: Plan, release: Release, state: State) {
    super(app, plan.name)
    const lodging = plan.lodgesWith !== undefined
    prepare(this, plan.region, plan.name)
    keepStateOf(this, plan, state)
    holdToRules(this, plan)

    const keyArn = createKey(this, plan)
    const network = lodging ? joinNetwork(this, plan) : createNetwork(this, plan)
    const data = createData(this, plan, { network, keyArn })
    if (!lodging) createFlowLogs(this, plan, { network, logs: data.buckets.logs })
    const loadBalancing = createLoadBalancing(this, plan, { network, data, release })
    const { address, distributionId } = createEdge(this, plan, { data, loadBalancing, release })
    const watching = prepareWatching(this, plan, { data, loadBalancing, release })
    const { rollbackAlarmNames } = watching
    const compute = createCompute(this, plan, { network, data, loadBalancing, release, address, rollbackAlarmNames })
    createScaling(this, plan, { data, compute, release })
    createWatching(this, plan, { data, compute, loadBalancing, edge: { distributionId }, release, watching })

    say(this, {
      address: `https://${address}`,
      distribution_id: distributionId,
      cluster: compute.clusterName,
      migration_task: compute.migrationTaskArn,
      migration_log: compute.logGroupNames.migration,
      task_subnets: network.taskSubnetIds,
      task_group: network.groupIds.worker,
      task_public_ip: network.assignPublicIp,
      // What was applied last, for the command that releases: the file may be ahead, or older.
      release: JSON.stringify(release),
    })
  }
}

/** What an account needs once, before its first environment; its own state is a file. */
export class BootstrapStack extends TerraformStack {
  constructor(app: App, bootstrap: Bootstrap, { folder = HERE }: State) {
    super(app, 'bootstrap')
    prepare(this, bootstrap.region, 'all')
    holdToRules(this)
    new LocalBackend(this, { path: join(folder, 'bootstrap.tfstate') })
    createBootstrap(this, bootstrap)
  }
}

/** The pipeline of the account, for those who release from AWS. An administrator applies it, after the bootstrap. */
export class DeliveryStack extends TerraformStack {
  constructor(app: App, delivery: Delivery, state: State) {
    super(app, 'delivery')
    prepare(this, delivery.region, 'all')
    keepStateOf(this, { name: 'delivery', region: delivery.region }, state)
    holdToRules(this)
    createDelivery(this, delivery)
  }
}

function prepare(stack: TerraformStack, region: string, environment: string): void {
  new AwsProvider(stack, 'aws', {
    region,
    defaultTags: [{ tags: environmentTags(environment) }],
  })
  // Since 1.11 there are write-only attributes, by which no secret is in the state, and locks without a table.
  stack.addOverride('terraform.required_version', '>= 1.11.0')
}

function keepStateOf(
  stack: TerraformStack,
  { name, region }: Pick<Plan, 'name' | 'region'>,
  { bucket, folder }: State,
): void {
  if (folder !== undefined) {
    new LocalBackend(stack, { path: join(folder, `${name}.tfstate`) })
    return
  }
  new S3Backend(stack, { bucket: bucket ?? '', key: `dayshift/${name}.tfstate`, region, encrypt: true })
  stack.addOverride('terraform.backend.s3.use_lockfile', true)
  if (bucket === undefined) stack.addOverride('terraform.backend.s3.bucket', undefined)
}

function say(stack: TerraformStack, values: Record<string, string | string[] | boolean>): void {
  for (const [name, value] of Object.entries(values)) {
    const output = new TerraformOutput(stack, `output-${name}`, { value })
    output.overrideLogicalId(name)
  }
}
