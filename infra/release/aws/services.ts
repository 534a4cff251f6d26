import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  type ECSClient,
  ListTasksCommand,
  RunTaskCommand,
  type Task,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs'
import { ReleaseError, type ServiceName, serviceNames, type Services } from '../ports.ts'

/** Names as the stack gives them: cluster `dayshift-<environment>`, services and families after it. */
export function openServices(ecs: ECSClient, environment: string): Services {
  const cluster = `dayshift-${environment}`
  const nameOf = (service: ServiceName): string => `${cluster}-${service}`

  const describeTasks = async (taskArns: string[]): Promise<Task[]> => {
    if (taskArns.length === 0) return []
    const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: taskArns }))
    return tasks
  }
  return {
    list: async () => {
      const command = new DescribeServicesCommand({ cluster, services: serviceNames.map(nameOf) })
      const { services = [] } = await ecs.send(command).catch(noCluster)
      return new Map(
        serviceNames.flatMap((name) => {
          const found = services.find(({ serviceName, status }) => serviceName === nameOf(name) && status === 'ACTIVE')
          const alarms = found?.deploymentConfiguration?.alarms
          const alarmNames = alarms?.enable ? (alarms.alarmNames ?? []) : []
          return found ? [[name, { running: found.runningCount ?? 0, alarmNames }]] : []
        }),
      )
    },
    countHealthy: async (service, digest) => {
      // A page has 100 tasks, more than any profile has.
      const { taskArns = [] } = await ecs.send(
        new ListTasksCommand({ cluster, serviceName: nameOf(service), desiredStatus: 'RUNNING' }),
      )
      const tasks = await describeTasks(taskArns)
      return tasks.filter(
        ({ lastStatus, healthStatus, containers = [] }) =>
          lastStatus === 'RUNNING' &&
          healthStatus === 'HEALTHY' &&
          containers.some(({ image = '' }) => image.endsWith(`@${digest}`)),
      ).length
    },
    setDesired: async (service, desiredCount) => {
      await ecs.send(new UpdateServiceCommand({ cluster, service: nameOf(service), desiredCount }))
    },
    findMigration: async () => {
      const family = `${cluster}-migration`
      const { taskArns = [] } = await ecs.send(new ListTasksCommand({ cluster, family, desiredStatus: 'RUNNING' }))
      return taskArns[0]
    },
    startMigration: async ({ taskDefinitionArn, subnetIds, groupId, publicIp }) => {
      const { tasks = [], failures = [] } = await ecs.send(
        new RunTaskCommand({
          cluster,
          taskDefinition: taskDefinitionArn,
          launchType: 'FARGATE',
          count: 1,
          startedBy: 'release',
          networkConfiguration: {
            awsvpcConfiguration: {
              subnets: subnetIds,
              securityGroups: [groupId],
              assignPublicIp: publicIp ? 'ENABLED' : 'DISABLED',
            },
          },
        }),
      )
      const taskArn = tasks[0]?.taskArn
      if (taskArn !== undefined) return taskArn
      throw new ReleaseError(
        `ECS did not start the migration: ${failures.map(({ reason }) => reason).join(', ') || 'it said no reason'}. Nothing was migrated.`,
      )
    },
    getMigration: async (taskArn) => {
      const [task] = await describeTasks([taskArn])
      if (!task) throw new ReleaseError(`ECS knows no task ${taskArn}; it forgets a stopped one after an hour.`)
      const [container] = task.containers ?? []
      const reason = [task.stoppedReason, container?.reason].filter(Boolean).join('; ')
      return {
        status: task.lastStatus ?? 'UNKNOWN',
        exitCode: container?.exitCode,
        reason,
        // awslogs: prefix, container, task.
        logStream: `migration/migration/${taskArn.split('/').at(-1)}`,
      }
    },
  }
}

/** Before the first apply there is none. */
function noCluster(error: unknown): { services?: never[] } {
  if (error instanceof Error && error.name === 'ClusterNotFoundException') return {}
  throw error
}
