import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AlarmState, ServiceName } from '../ports.ts'

interface FakeService {
  desired: number
  min: number
  max: number
  /** Of its task definition, as the last apply left it. */
  digest: string
  alarmNames: string[]
  /** Never healthy. */
  broken?: boolean
}

/** One environment as far as the release command sees it, and what was asked of it. */
export interface FakeAws extends AsyncDisposable {
  endpoint: string
  database: string
  services: Map<ServiceName, FakeService>
  alarms: Map<string, AlarmState>
  /** Exit code that the next migration has; undefined when its container never starts. */
  migrationExit: number | undefined
  /** Migrations that run; the second question about one ends it. */
  migrations: Map<string, number>
  log: string[]
  /** Nothing answers: connections are cut. */
  isDown: boolean
  /** Every call that changes something, such as `ecs UpdateService dayshift-staging-worker 1`. */
  changes: string[]
}

type Body = Record<string, unknown>
class Refused extends Error {
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

const names: ServiceName[] = ['web-blue', 'web-green', 'worker']
const account = '123456789012'

/**
 * ECS, CloudWatch, Application Auto Scaling, RDS and CloudWatch Logs over HTTP, as strict as the API references: other names, other
 * members and unsigned calls are refused. A task runs at once; a service has as many as it wants and its bounds allow.
 */
export async function startAws(environment: string): Promise<FakeAws> {
  const cluster = `dayshift-${environment}`
  const service = (): FakeService => ({ desired: 0, min: 0, max: 0, digest: '', alarmNames: [] })
  const state = {
    database: 'available',
    services: new Map(names.map((name) => [name, service()])),
    alarms: new Map<string, AlarmState>(),
    migrationExit: 0 as number | undefined,
    migrations: new Map<string, number>(),
    log: [] as string[],
    isDown: false,
    changes: [] as string[],
  }
  const running = ({ desired, max }: FakeService): number => Math.min(desired, max)
  const find = (full: unknown): [ServiceName, FakeService] => {
    const name = names.find((each) => `${cluster}-${each}` === full)
    if (!name) throw new Refused('ServiceNotFoundException', `no service ${String(full)}`)
    return [name, state.services.get(name)!]
  }
  const taskArn = (id: string): string => `arn:aws:ecs:us-east-1:${account}:task/${cluster}/${id}`
  const inCluster = (body: Body): void => {
    if (body.cluster !== cluster) throw new Refused('ClusterNotFoundException', `no cluster ${String(body.cluster)}`)
  }

  const operations: Record<string, { members: string[]; answer: (body: Body) => object }> = {
    'ecs DescribeServices': {
      members: ['cluster', 'services'],
      answer: (body) => {
        inCluster(body)
        const services = (body.services as string[]).map((full) => {
          const [, found] = find(full)
          const alarms = { alarmNames: found.alarmNames, enable: found.alarmNames.length > 0, rollback: true }
          return { serviceName: full, status: 'ACTIVE', runningCount: running(found), desiredCount: found.desired, deploymentConfiguration: { alarms } } // prettier-ignore
        })
        return { services, failures: [] }
      },
    },
    'ecs ListTasks': {
      members: ['cluster', 'serviceName', 'family', 'desiredStatus'],
      answer: (body) => {
        inCluster(body)
        if (body.family !== undefined) {
          if (body.family !== `${cluster}-migration`) return { taskArns: [] }
          return { taskArns: [...state.migrations].filter(([, asked]) => asked < 2).map(([arn]) => arn) }
        }
        const [name, found] = find(body.serviceName)
        return { taskArns: Array.from({ length: running(found) }, (_, index) => taskArn(`${name}-${index}`)) }
      },
    },
    'ecs DescribeTasks': {
      members: ['cluster', 'tasks'],
      answer: (body) => {
        inCluster(body)
        return { tasks: (body.tasks as string[]).flatMap((arn) => describe(arn)), failures: [] }
      },
    },
    'ecs UpdateService': {
      members: ['cluster', 'service', 'desiredCount'],
      answer: (body) => {
        inCluster(body)
        find(body.service)[1].desired = body.desiredCount as number
        state.changes.push(`ecs UpdateService ${String(body.service)} ${String(body.desiredCount)}`)
        return { service: {} }
      },
    },
    'ecs RunTask': {
      members: ['clientToken', 'cluster', 'taskDefinition', 'launchType', 'count', 'startedBy', 'networkConfiguration'],
      answer: (body) => {
        inCluster(body)
        const arn = taskArn('migration1')
        state.migrations.set(arn, 0)
        state.changes.push(`ecs RunTask ${String(body.taskDefinition)} ${JSON.stringify(body.networkConfiguration)}`)
        return { tasks: [{ taskArn: arn }], failures: [] }
      },
    },
    'monitoring DescribeAlarms': {
      members: ['AlarmNames', 'AlarmTypes', 'MaxRecords'],
      answer: ({ AlarmNames }) => ({
        MetricAlarms: (AlarmNames as string[]).flatMap((AlarmName) => {
          const StateValue = state.alarms.get(AlarmName)
          return StateValue === undefined ? [] : [{ AlarmName, StateValue }]
        }),
      }),
    },
    'application-autoscaling RegisterScalableTarget': {
      members: ['ServiceNamespace', 'ScalableDimension', 'ResourceId', 'MinCapacity', 'MaxCapacity'],
      answer: (body) => {
        const [, , full] = String(body.ResourceId).split('/')
        if (body.ServiceNamespace !== 'ecs' || body.ResourceId !== `service/${cluster}/${full}`)
          throw new Refused('ValidationException', 'no such target')
        const [, found] = find(full)
        found.min = body.MinCapacity as number
        found.max = body.MaxCapacity as number
        state.changes.push(`scaling ${full} ${found.min}-${found.max}`)
        return {}
      },
    },
    'logs GetLogEvents': {
      members: ['logGroupName', 'logStreamName', 'limit', 'startFromHead'],
      answer: ({ limit, logStreamName }) => {
        if (logStreamName !== 'migration/migration/migration1')
          throw new Refused('ResourceNotFoundException', 'The specified log stream does not exist.')
        return { events: state.log.slice(-(limit as number)).map((message) => ({ message, timestamp: 0 })) }
      },
    },
  }

  function describe(arn: string): object[] {
    const asked = state.migrations.get(arn)
    if (asked !== undefined) {
      state.migrations.set(arn, asked + 1)
      if (asked < 1) return [{ taskArn: arn, lastStatus: 'RUNNING', containers: [{ name: 'migration' }] }]
      const exitCode = state.migrationExit
      const container = {
        name: 'migration',
        ...(exitCode === undefined ? { reason: 'CannotPullContainerError' } : { exitCode }),
      }
      return [{ taskArn: arn, lastStatus: 'STOPPED', stoppedReason: exitCode === undefined ? 'Task failed to start' : 'Essential container in task exited', containers: [container] }] // prettier-ignore
    }
    const name = names.find((each) => arn.includes(`/${each}-`))
    if (!name) return []
    const { digest, broken } = state.services.get(name)!
    const image = `${account}.dkr.ecr.us-east-1.amazonaws.com/dayshift/web@${digest}`
    return [{ taskArn: arn, lastStatus: 'RUNNING', healthStatus: broken ? 'UNHEALTHY' : 'HEALTHY', containers: [{ image }] }] // prettier-ignore
  }

  /** RDS speaks the query protocol. */
  const answerRds = (form: URLSearchParams): string => {
    const action = form.get('Action')
    if (form.get('DBInstanceIdentifier') !== cluster) throw new Refused('DBInstanceNotFound', 'no such instance')
    if (action === 'StartDBInstance' || action === 'StopDBInstance') {
      const from = action === 'StartDBInstance' ? 'stopped' : 'available'
      if (state.database !== from) throw new Refused('InvalidDBInstanceState', `The instance is ${state.database}.`)
      state.database = action === 'StartDBInstance' ? 'available' : 'stopped'
      state.changes.push(`rds ${action}`)
    } else if (action !== 'DescribeDBInstances') throw new Refused('InvalidAction', String(action))
    const instance = `<DBInstanceStatus>${state.database}</DBInstanceStatus>`
    const result = action === 'DescribeDBInstances' ? `<DBInstances><DBInstance>${instance}</DBInstance></DBInstances>` : `<DBInstance>${instance}</DBInstance>` // prettier-ignore
    return `<${action}Response xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><${action}Result>${result}</${action}Result></${action}Response>`
  }

  const server = createServer((request, response) => {
    void (async () => {
      const body = await readBody(request)
      if (state.isDown) return request.socket.destroy()
      const signedFor = /Credential=[^/]+\/\d{8}\/[\w-]+\/([\w-]+)\/aws4_request/.exec(
        request.headers.authorization ?? '',
      )?.[1]
      try {
        if (signedFor === undefined) throw new Refused('MissingAuthenticationToken', 'not signed')
        if (signedFor === 'rds') {
          response.setHeader('content-type', 'text/xml').end(answerRds(new URLSearchParams(body)))
          return
        }
        const operation = String(request.headers['x-amz-target']).split('.').at(-1)
        const known = operations[`${signedFor} ${operation}`]
        if (!known) throw new Refused('UnknownOperationException', `${signedFor} ${operation}`)
        const parsed = JSON.parse(body) as Body
        const stray = Object.keys(parsed).find((member) => !known.members.includes(member))
        if (stray !== undefined) throw new Refused('ValidationException', `${operation} has no ${stray}`)
        response.setHeader('content-type', String(request.headers['content-type'])).end(JSON.stringify(known.answer(parsed))) // prettier-ignore
      } catch (error) {
        const { code = 'InternalFailure', message } = error as Partial<Refused>
        if (signedFor === 'rds')
          response.writeHead(404, { 'content-type': 'text/xml' }).end(`<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`) // prettier-ignore
        else response.writeHead(400).end(JSON.stringify({ __type: code, message }))
      }
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(state, {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  })
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
