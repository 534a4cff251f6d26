import { DataAwsEcrRepository, EcsCluster, EcsClusterCapacityProviders, type TerraformStack } from '../aws.ts'
import type { Plan } from '../environment.ts'
import type { Compute, Data, LoadBalancing, Network } from '../parts.ts'
import { isLive, migrationImage, type Release, workerImage } from '../release.ts'
import { createRoles } from './roles.ts'
import { createService } from './services.ts'
import { createLogGroup, createTaskDefinition, type Task } from './tasks.ts'
import { migrationVariables, webVariables, workerVariables } from './variables.ts'

interface Around {
  network: Network
  data: Data
  loadBalancing: LoadBalancing
  release: Release
  /** Host name that browsers use. */
  address: string
  rollbackAlarmNames: { web: string[]; worker: string[] }
}

/** Cluster, roles, task definitions and services: the web in two colours, the worker, and the migration that runs before both. */
export function createCompute(stack: TerraformStack, plan: Plan, around: Around): Compute {
  const { data, release, network, loadBalancing } = around
  const cluster = createCluster(stack, plan)
  const repositories = {
    web: new DataAwsEcrRepository(stack, 'repository-web', { name: 'dayshift/web' }),
    worker: new DataAwsEcrRepository(stack, 'repository-worker', { name: 'dayshift/worker' }),
  }
  const logGroups = {
    web: createLogGroup(stack, plan, 'web', data.keyArn),
    worker: createLogGroup(stack, plan, 'worker', data.keyArn),
    migration: createLogGroup(stack, plan, 'migration', data.keyArn),
  }
  const roleArns = createRoles(stack, plan, {
    data,
    repositories: Object.values(repositories),
    logGroupArns: Object.values(logGroups).map(({ arn }) => arn),
  })
  const define = (task: Omit<Task, 'executionRoleArn' | 'logGroupName'>): string =>
    createTaskDefinition(stack, plan, {
      ...task,
      executionRoleArn: roleArns.execution,
      logGroupName: logGroups[task.name].name,
    }).arn
  const { web, worker } = plan.buys

  const serve = (colour: 'blue' | 'green'): string => {
    const family = `web-${colour}`
    const isOpen = release[colour].weight > 0 && !plan.asleep
    return createService(stack, plan, {
      name: family,
      ...cluster,
      taskDefinitionArn: define({
        name: 'web',
        family,
        image: imageOf(repositories.web, release[colour].images?.web ?? null),
        size: web,
        variables: webVariables(plan, around),
        taskRoleArn: roleArns.webTask,
        port: 8765,
        healthPort: 'PORT',
      }),
      network,
      group: 'web',
      capacity: [{ capacityProvider: 'FARGATE', weight: 1 }],
      firstCount: isOpen ? web.min : 0,
      alarmNames: around.rollbackAlarmNames.web,
      targetGroupArn: loadBalancing.targetGroupArns[colour],
      waitsFor: [...cluster.waitsFor, loadBalancing.routes],
    }).name
  }
  const workerService = createService(stack, plan, {
    name: 'worker',
    ...cluster,
    taskDefinitionArn: define({
      name: 'worker',
      family: 'worker',
      image: imageOf(repositories.worker, workerImage(release)),
      size: worker,
      variables: workerVariables(plan, around),
      taskRoleArn: roleArns.workerTask,
      healthPort: 'WORKER_HEALTH_PORT',
    }),
    network,
    group: 'worker',
    // A third of the price: what a worker has in hand when Spot takes it away, it hands back within the notice.
    capacity: [
      ...(worker.onDemandBase > 0
        ? [{ capacityProvider: 'FARGATE' as const, base: worker.onDemandBase, weight: 0 }]
        : []),
      { capacityProvider: 'FARGATE_SPOT', weight: 1 },
    ],
    firstCount: isLive(release) && !plan.asleep ? worker.min : 0,
    alarmNames: around.rollbackAlarmNames.worker,
  })
  const migrationTaskArn = define({
    name: 'migration',
    family: 'migration',
    image: imageOf(repositories.worker, migrationImage(release)),
    size: { vcpu: 0.25, memoryMb: 512 },
    variables: migrationVariables(plan, around),
    taskRoleArn: roleArns.migrationTask,
    command: ['node', 'apps/cli/src/migrate.ts'],
  })
  return {
    clusterName: cluster.clusterName,
    clusterArn: cluster.clusterArn,
    webServiceNames: { blue: serve('blue'), green: serve('green') },
    workerServiceName: workerService.name,
    migrationTaskArn,
    logGroupNames: { web: logGroups.web.name, worker: logGroups.worker.name, migration: logGroups.migration.name },
    roleArns,
  }
}

function createCluster(stack: TerraformStack, plan: Plan) {
  const name = `dayshift-${plan.name}`
  const cluster = new EcsCluster(stack, 'cluster', {
    name,
    // Enhanced: counted by the metric, at a quarter of the price of the plain one's.
    setting: [{ name: 'containerInsights', value: plan.buys.containerInsights ? 'enhanced' : 'disabled' }],
    tags: { Name: name },
  })
  const providers = new EcsClusterCapacityProviders(stack, 'capacity', {
    clusterName: cluster.name,
    capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
    defaultCapacityProviderStrategy: [{ capacityProvider: 'FARGATE', weight: 1 }],
  })
  return { clusterName: cluster.name, clusterArn: cluster.arn, waitsFor: [providers] }
}

/** Before there is a release the name leads nowhere, and nothing is started. */
const imageOf = ({ repositoryUrl }: DataAwsEcrRepository, digest: string | null): string =>
  digest === null ? `${repositoryUrl}:not-released` : `${repositoryUrl}@${digest}`
