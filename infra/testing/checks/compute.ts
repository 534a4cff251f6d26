import {
  AvailabilityZoneRebalancing,
  Compatibility,
  CPUArchitecture,
  DeploymentControllerType,
  DeploymentStrategy,
  LaunchType,
  LogDriver,
  NetworkMode,
  OSFamily,
  PropagateTags,
  SchedulingStrategy,
} from '@aws-sdk/client-ecs'
import { elements, isObject, type ObjectValue, text } from '../values.ts'
import {
  atMostOne,
  between,
  type Checks,
  enumerated,
  exactlyOne,
  matches,
  name,
  oneOf,
  type Relation,
  schedule,
  timeZone,
} from './kinds.ts'

/** MiB of memory that Fargate sells with so many CPU units. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html */
const fargateMemory: Record<string, (memory: number) => boolean> = {
  256: (memory) => [512, 1024, 2048].includes(memory),
  512: (memory) => memory >= 1024 && memory <= 4096 && memory % 1024 === 0,
  1024: (memory) => memory >= 2048 && memory <= 8192 && memory % 1024 === 0,
  2048: (memory) => memory >= 4096 && memory <= 16_384 && memory % 1024 === 0,
  4096: (memory) => memory >= 8192 && memory <= 30_720 && memory % 1024 === 0,
}

const fargateSize: Relation = ({ requires_compatibilities, cpu, memory }) => {
  const isFargate = Array.isArray(requires_compatibilities) && requires_compatibilities.includes('FARGATE')
  if (!isFargate || typeof cpu !== 'string' || typeof memory !== 'string') return undefined
  return fargateMemory[cpu]?.(Number(memory))
    ? undefined
    : { at: 'memory', fault: `expected a size that Fargate sells; cpu ${cpu} with memory ${memory} came` }
}

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
const containerKeys = new Set(
  [
    'name image repositoryCredentials cpu memory memoryReservation links portMappings restartPolicy essential entryPoint',
    'command environment environmentFiles mountPoints volumesFrom linuxParameters secrets dependsOn startTimeout stopTimeout',
    'versionConsistency hostname user workingDirectory disableNetworking privileged readonlyRootFilesystem dnsServers',
    'dnsSearchDomains extraHosts dockerSecurityOptions interactive pseudoTerminal dockerLabels ulimits logConfiguration',
    'healthCheck systemControls resourceRequirements firelensConfiguration credentialSpecs',
  ].flatMap((line) => line.split(' ')),
)
const logDrivers: string[] = Object.values(LogDriver)

const containers: Relation = (config) => {
  const at = 'container_definitions'
  const list: unknown = typeof config[at] === 'string' ? parse(config[at]) : undefined
  if (!Array.isArray(list)) return undefined
  for (const container of list.filter(isObject)) {
    const fault = containerFault(container)
    if (fault) return { at, fault }
  }
  return undefined
}

function containerFault(container: ObjectValue): string | undefined {
  const unknownKey = Object.keys(container).find((key) => !containerKeys.has(key))
  if (unknownKey) return `expected the members of a container definition; ${unknownKey} came`
  if (!container['name'] || !container['image']) return 'expected a name and an image'
  if (Number(container['stopTimeout'] ?? 0) > 120)
    return `expected a stopTimeout of at most 120 s on Fargate; ${text(container['stopTimeout'])} came`
  const logging = container['logConfiguration']
  if (isObject(logging) && !logDrivers.includes(text(logging['logDriver'])))
    return `expected a log driver of ${logDrivers.join(', ')}; ${text(logging['logDriver'])} came`
  const notText = elements(container['environment']).find(({ value }) => typeof value !== 'string')
  return notText && `expected a text as the value of ${text(notText['name'])}; ${JSON.stringify(notText['value'])} came`
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

const minMaxOrder: Relation = ({ min_capacity: min, max_capacity: max }) =>
  typeof min === 'number' && typeof max === 'number' && min > max
    ? { at: 'min_capacity', fault: `expected at most max_capacity ${max}; ${min} came` }
    : undefined

const service = matches(/^service\/[^/]+\/[^/]+$/, 'service/<cluster>/<service>')
const capacityProvider = oneOf('FARGATE', 'FARGATE_SPOT')

/** Enumerations of ECS come from its SDK; the others from the API references of ECR, Application Auto Scaling and Scheduler. */
export const compute: Checks = {
  aws_ecr_repository: {
    arguments: {
      name: matches(/^(?=.{2,256}$)[a-z0-9]+([._/-][a-z0-9]+)*$/, 'lower-case letters and digits joined by . _ / -'),
      image_tag_mutability: oneOf('MUTABLE', 'IMMUTABLE', 'IMMUTABLE_WITH_EXCLUSION', 'MUTABLE_WITH_EXCLUSION'),
      'encryption_configuration.encryption_type': oneOf('AES256', 'KMS', 'KMS_DSSE'),
    },
  },
  aws_ecs_cluster: {
    arguments: {
      name: name(255, '_-'),
      'setting.name': oneOf('containerInsights'),
      'setting.value': oneOf('enabled', 'enhanced', 'disabled'),
    },
  },
  aws_ecs_cluster_capacity_providers: {
    arguments: {
      capacity_providers: capacityProvider,
      'default_capacity_provider_strategy.capacity_provider': capacityProvider,
    },
  },
  aws_ecs_service: {
    arguments: {
      name: name(255, '_-'),
      launch_type: enumerated(LaunchType),
      scheduling_strategy: enumerated(SchedulingStrategy),
      propagate_tags: enumerated(PropagateTags),
      availability_zone_rebalancing: enumerated(AvailabilityZoneRebalancing),
      'deployment_controller.type': enumerated(DeploymentControllerType),
      'deployment_configuration.strategy': enumerated(DeploymentStrategy),
      'capacity_provider_strategy.capacity_provider': capacityProvider,
      'capacity_provider_strategy.base': between(0, 100_000),
      'capacity_provider_strategy.weight': between(0, 1000),
      'load_balancer.container_port': between(0, 65_536),
      health_check_grace_period_seconds: between(0, 2_147_483_647),
    },
    relations: [atMostOne('launch_type', 'capacity_provider_strategy')],
  },
  aws_ecs_task_definition: {
    arguments: {
      family: name(255, '_-'),
      network_mode: enumerated(NetworkMode),
      requires_compatibilities: enumerated(Compatibility),
      'runtime_platform.cpu_architecture': enumerated(CPUArchitecture),
      'runtime_platform.operating_system_family': enumerated(OSFamily),
      'ephemeral_storage.size_in_gib': between(21, 200),
    },
    relations: [fargateSize, containers],
  },
  aws_appautoscaling_target: {
    arguments: {
      resource_id: service,
      scalable_dimension: oneOf('ecs:service:DesiredCount'),
      service_namespace: oneOf('ecs'),
    },
    relations: [minMaxOrder],
  },
  aws_appautoscaling_policy: {
    arguments: {
      resource_id: service,
      policy_type: oneOf('TargetTrackingScaling', 'StepScaling', 'PredictiveScaling'),
      'target_tracking_scaling_policy_configuration.predefined_metric_specification.predefined_metric_type': oneOf(
        'ECSServiceAverageCPUUtilization',
        'ECSServiceAverageMemoryUtilization',
        'ALBRequestCountPerTarget',
      ),
    },
  },
  aws_appautoscaling_scheduled_action: { arguments: { resource_id: service, schedule, timezone: timeZone } },
  aws_scheduler_schedule: {
    arguments: {
      name: name(64, '_.-'),
      schedule_expression: schedule,
      schedule_expression_timezone: timeZone,
      state: oneOf('ENABLED', 'DISABLED'),
      'flexible_time_window.mode': oneOf('OFF', 'FLEXIBLE'),
      'flexible_time_window.maximum_window_in_minutes': between(1, 1440),
      'target.retry_policy.maximum_event_age_in_seconds': between(60, 86_400),
      'target.retry_policy.maximum_retry_attempts': between(0, 185),
    },
    relations: [atMostOne('name', 'name_prefix')],
  },
  aws_scheduler_schedule_group: { arguments: { name: name(64, '_.-') } },
  aws_codepipeline: {
    arguments: {
      name: name(100, '.@_-'),
      pipeline_type: oneOf('V1', 'V2'),
      execution_mode: oneOf('QUEUED', 'SUPERSEDED', 'PARALLEL'),
      'stage.action.category': oneOf('Source', 'Build', 'Deploy', 'Test', 'Invoke', 'Approval', 'Compute'),
      'stage.action.owner': oneOf('AWS', 'Custom', 'ThirdParty'),
      'artifact_store.type': oneOf('S3'),
    },
  },
  aws_codebuild_project: {
    arguments: {
      name: name(150, '_-', 2),
      'artifacts.type': oneOf('CODEPIPELINE', 'NO_ARTIFACTS', 'S3'),
      'source.type': oneOf(
        'BITBUCKET',
        'CODECOMMIT',
        'CODEPIPELINE',
        'GITHUB',
        'GITHUB_ENTERPRISE',
        'GITLAB',
        'NO_SOURCE',
        'S3',
      ),
      'environment.type': oneOf('LINUX_CONTAINER', 'ARM_CONTAINER', 'LINUX_LAMBDA_CONTAINER', 'ARM_LAMBDA_CONTAINER'),
      'environment.compute_type': matches(
        /^BUILD_(GENERAL1_(SMALL|MEDIUM|LARGE|XLARGE|2XLARGE)|LAMBDA_(1|2|4|8|10)GB)$/,
        'BUILD_GENERAL1_… or BUILD_LAMBDA_…',
      ),
      build_timeout: between(5, 2160),
    },
  },
  aws_codestarconnections_connection: { relations: [exactlyOne('provider_type', 'host_arn')] },
  aws_codeconnections_connection: { relations: [exactlyOne('provider_type', 'host_arn')] },
}
