import { type Break, sets, without } from './broken.ts'

const container = (rule: string, what: string, changes: object): Break => ({
  rule,
  what,
  mutate: ({ container }) => container('task-web-blue', (definition) => Object.assign(definition, changes)),
})

const variable = (name: string, value: string): Break => ({
  rule: 'no-secret-in-environment',
  what: `${name} in the environment`,
  mutate: ({ container }) =>
    container('task-worker', ({ environment }) => (environment as object[]).push({ name, value })),
})

export const taskBreaks: Break[] = [
  sets('two-roles', 'aws_ecs_task_definition.task-web-blue', 'task_role_arn', '${aws_iam_role.role-execution.arn}'),
  sets('two-roles', 'aws_ecs_task_definition.task-web-blue', 'task_role_arn', undefined),
  container('containers-closed', 'privileged', { privileged: true }),
  container('containers-closed', 'files that it can write', { readonlyRootFilesystem: false }),
  container('containers-closed', 'one more capability', { linuxParameters: { capabilities: { add: ['SYS_PTRACE'] } } }),
  variable('DATABASE_PASSWORD', '${aws_ssm_parameter.vpc-origin-parameter.insecure_value}'),
  variable('SOME_URL', 'redis://app:${aws_ssm_parameter.vpc-origin-parameter.insecure_value}@cache'),
  sets('container-insights', 'aws_ecs_cluster.cluster', 'setting', undefined),
  sets('desired-count-ignored', 'aws_ecs_service.service-web-blue', 'lifecycle', undefined),
  sets(
    'desired-count-ignored',
    'aws_ecs_service.service-worker',
    'lifecycle.ignore_changes',
    ['task_definition'],
    'lodger',
  ),
  container('time-to-stop', '30 seconds', { stopTimeout: 30 }),
  container('time-to-stop', "Fargate's own 30 seconds", { stopTimeout: undefined }),
  sets('deployments-taken-back', 'aws_ecs_service.service-worker', 'deployment_circuit_breaker', undefined),
  sets('deployments-taken-back', 'aws_ecs_service.service-web-blue', 'alarms', undefined),
  sets('deployments-taken-back', 'aws_ecs_service.service-web-blue', 'alarms.alarm_names', [
    'dayshift-production-gone',
  ]),
  sets('deployments-taken-back', 'aws_ecs_service.service-web-blue', 'alarms.alarm_names', []),
  without('deployments-taken-back', 'aws_cloudwatch_metric_alarm', 'economy'),
  sets('logs-end', 'aws_cloudwatch_log_group.logs-web', 'retention_in_days', 0),
  sets('logs-end', 'aws_cloudwatch_log_group.logs-web', 'retention_in_days', undefined),
  without('logs-end', 'aws_cloudwatch_log_group.database-log-postgresql'),
  without('logs-end', 'aws_cloudwatch_log_group.logs-worker'),
  sets('images-fixed', 'aws_ecr_repository.images-web', 'image_tag_mutability', 'MUTABLE', 'account'),
  sets('images-fixed', 'aws_ecr_repository.images-worker', 'image_scanning_configuration', undefined, 'account'),
  sets('keys-rotate', 'aws_kms_key.key', 'enable_key_rotation', false),
  without('keys-rotate', 'aws_kms_key'),
  {
    rule: 'topics-encrypted',
    what: 'another topic without a key',
    mutate: ({ add }) => add('aws_sns_topic', 'another', { name: 'dayshift-production-another' }),
  },
  {
    rule: 'secrets-rotate',
    what: 'one more secret',
    mutate: ({ add }) => add('aws_secretsmanager_secret', 'another', { name: 'dayshift-production-another' }),
  },
  {
    rule: 'secrets-rotate',
    what: 'a rotation once a year',
    mutate: ({ add }) => {
      add('aws_secretsmanager_secret', 'another', { name: 'dayshift-production-another' })
      add('aws_secretsmanager_secret_rotation', 'another', {
        secret_id: '${aws_secretsmanager_secret.another.id}',
        rotation_rules: { automatically_after_days: 365 },
      })
    },
  },
  {
    rule: 'no-secret-in-state',
    what: 'a secret that Terraform keeps',
    mutate: ({ at }) => {
      const version = at('aws_secretsmanager_secret_version', 'database-password-version')
      version.secret_string = version.secret_string_wo
    },
  },
  sets('no-secret-in-state', 'aws_db_instance.database', 'manage_master_user_password', undefined),
  {
    rule: 'no-secret-in-state',
    what: 'a random password, which stays in the state',
    mutate: ({ add }) => add('random_password', 'database', { length: 48 }),
  },
]
