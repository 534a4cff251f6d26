import { EcsService, type ITerraformDependable, type TerraformStack } from '../aws.ts'
import type { Plan } from '../environment.ts'
import type { Network } from '../parts.ts'

export interface Service {
  /** Without the environment: `web-blue`. */
  name: string
  clusterArn: string
  taskDefinitionArn: string
  network: Network
  group: 'web' | 'worker'
  capacity: { capacityProvider: 'FARGATE' | 'FARGATE_SPOT'; base?: number; weight: number }[]
  /** When it is made; from then on the clock, the load and the release command set it. */
  firstCount: number
  /** Alarms that stop a deployment and take it back. */
  alarmNames: string[]
  targetGroupArn?: string
  waitsFor: ITerraformDependable[]
}

export function createService(stack: TerraformStack, plan: Plan, service: Service): EcsService {
  const name = `dayshift-${plan.name}-${service.name}`
  return new EcsService(stack, `service-${service.name}`, {
    name,
    cluster: service.clusterArn,
    taskDefinition: service.taskDefinitionArn,
    capacityProviderStrategy: service.capacity,
    desiredCount: service.firstCount,
    // Of one task, a second one starts before the first one stops.
    deploymentMinimumHealthyPercent: 100,
    deploymentMaximumPercent: 200,
    availabilityZoneRebalancing: 'ENABLED',
    deploymentController: { type: 'ECS' },
    // Alarms see what answers badly; the breaker sees what does not even start, and therefore raises no alarm.
    deploymentCircuitBreaker: { enable: true, rollback: true },
    ...(service.alarmNames.length > 0 && {
      alarms: { enable: true, rollback: true, alarmNames: service.alarmNames },
    }),
    networkConfiguration: {
      subnets: service.network.taskSubnetIds,
      securityGroups: [service.network.groupIds[service.group]],
      // The way out where there is no NAT; no group lets anybody in by it.
      assignPublicIp: service.network.assignPublicIp,
    },
    ...(service.targetGroupArn !== undefined && {
      loadBalancer: [{ targetGroupArn: service.targetGroupArn, containerName: 'web', containerPort: 8765 }],
      healthCheckGracePeriodSeconds: 90,
    }),
    enableExecuteCommand: false,
    enableEcsManagedTags: true,
    propagateTags: 'SERVICE',
    // A deployment at night must not start what the clock has stopped.
    lifecycle: { ignoreChanges: ['desired_count'] },
    dependsOn: service.waitsFor,
    tags: { Name: name },
  })
}
