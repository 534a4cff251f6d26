import { CloudwatchLogGroup, EcsTaskDefinition, type TerraformStack } from '../aws.ts'
import type { Plan } from '../environment.ts'
import type { Variables } from './variables.ts'

export interface Task {
  /** Of the container; the task's family adds what it belongs to. */
  name: 'web' | 'worker' | 'migration'
  family: string
  image: string
  size: { vcpu: number; memoryMb: number }
  variables: Variables
  taskRoleArn: string
  executionRoleArn: string
  logGroupName: string
  /** In place of the image's own. */
  command?: string[]
  port?: number
  /** The variable with the port of its health; absent for what ends by itself. */
  healthPort?: 'PORT' | 'WORKER_HEALTH_PORT'
}

export function createLogGroup(stack: TerraformStack, plan: Plan, name: string, keyArn: string | undefined) {
  return new CloudwatchLogGroup(stack, `logs-${name}`, {
    name: `/dayshift/${plan.name}/${name}`,
    retentionInDays: plan.logDays,
    ...(keyArn !== undefined && { kmsKeyId: keyArn }),
    tags: { Name: `dayshift-${plan.name}-${name}` },
  })
}

/** One container that may write nowhere but to /tmp, as the user of its image. */
export function createTaskDefinition(stack: TerraformStack, plan: Plan, task: Task): EcsTaskDefinition {
  return new EcsTaskDefinition(stack, `task-${task.family}`, {
    family: `dayshift-${plan.name}-${task.family}`,
    requiresCompatibilities: ['FARGATE'],
    networkMode: 'awsvpc',
    cpu: String(task.size.vcpu * 1024),
    memory: String(task.size.memoryMb),
    runtimePlatform: { cpuArchitecture: 'ARM64', operatingSystemFamily: 'LINUX' },
    taskRoleArn: task.taskRoleArn,
    executionRoleArn: task.executionRoleArn,
    // Fargate has no tmpfs: an empty folder of the task's own storage, which the image declares as a volume to own it.
    volume: [{ name: 'tmp' }],
    containerDefinitions: JSON.stringify([container(plan, task)]),
    // Older revisions stay: a deployment that ECS takes back needs the one before.
    skipDestroy: true,
    tags: { Name: `dayshift-${plan.name}-${task.family}` },
  })
}

/** Names and forms of ECS's API, as the provider passes them on. */
function container(plan: Plan, task: Task): object {
  return {
    name: task.name,
    image: task.image,
    essential: true,
    ...(task.command && { command: task.command }),
    environment: Object.entries(task.variables)
      .map(([name, value]) => ({ name, value }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    ...(task.port !== undefined && {
      portMappings: [{ name: task.name, containerPort: task.port, hostPort: task.port, protocol: 'tcp' }],
    }),
    readonlyRootFilesystem: true,
    mountPoints: [{ sourceVolume: 'tmp', containerPath: '/tmp', readOnly: false }],
    linuxParameters: { capabilities: { drop: ['ALL'] } },
    // Fargate's most, and what Spot gives as notice; the processes are out within 110 s.
    stopTimeout: 120,
    ...(task.healthPort && {
      healthCheck: {
        command: ['CMD', 'node', 'docker/health.mjs', task.healthPort],
        interval: 30,
        timeout: 5,
        retries: 3,
        // A start waits up to 60 s for its database.
        startPeriod: 90,
      },
    }),
    logConfiguration: {
      logDriver: 'awslogs',
      options: {
        'awslogs-group': task.logGroupName,
        'awslogs-region': plan.region,
        'awslogs-stream-prefix': task.family,
        // When CloudWatch does not take logs, they are lost rather than the process held up.
        mode: 'non-blocking',
        'max-buffer-size': '4m',
      },
    },
  }
}
