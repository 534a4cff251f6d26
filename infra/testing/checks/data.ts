import {
  isGiven,
  atMostOne,
  between,
  type Checks,
  eitherOf,
  exactlyOne,
  matches,
  name,
  needs,
  oneOf,
  type Relation,
} from './kinds.ts'
import { elements, isObject, text } from '../values.ts'

const time = String.raw`([01]\d|2[0-3]):[0-5]\d`
const dailyWindow = matches(new RegExp(`^${time}-${time}$`), 'hh:mm-hh:mm in UTC')
const day = '(mon|tue|wed|thu|fri|sat|sun)'
const weeklyWindow = matches(new RegExp(`^${day}:${time}-${day}:${time}$`, 'i'), 'ddd:hh:mm-ddd:hh:mm in UTC')

/** Minutes of a day that a window `hh:mm-hh:mm` takes, and its length. */
function minutesOf(window: string): { from: number; length: number } {
  const [from = 0, to = 0] = [...window.matchAll(/(\d\d):(\d\d)/g)].map(
    ([, hours, minutes]) => Number(hours) * 60 + Number(minutes),
  )
  return { from, length: (to - from + 1440) % 1440 }
}

// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html: 30 minutes or more, and they must not meet.
const windows =
  (daily: string, weekly: string, leastMinutes: number): Relation =>
  (config) => {
    const [backup, maintenance] = [config[daily], config[weekly]]
    for (const [at, window] of Object.entries({ [daily]: backup, [weekly]: maintenance }))
      if (typeof window === 'string' && minutesOf(window).length < leastMinutes)
        return { at, fault: `expected a window of ${leastMinutes} minutes or more; ${window} came` }
    if (typeof backup !== 'string' || typeof maintenance !== 'string') return undefined
    const [first, second] = [minutesOf(backup), minutesOf(maintenance)]
    const meet =
      (second.from - first.from + 1440) % 1440 < first.length ||
      (first.from - second.from + 1440) % 1440 < second.length
    return meet
      ? { at: weekly, fault: `expected windows that do not meet; ${backup} and ${maintenance} came` }
      : undefined
  }

const finalSnapshot: Relation = ({ skip_final_snapshot: skip, final_snapshot_identifier: identifier }) =>
  skip !== true && !isGiven(identifier)
    ? {
        at: 'final_snapshot_identifier',
        fault: 'expected a name for the final snapshot, or skip_final_snapshot; the instance could not be destroyed',
      }
    : undefined

// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appearances of "static" in the parameter tables of PostgreSQL 17.
const staticParameters = [
  'shared_preload_libraries',
  'max_connections',
  'shared_buffers',
  'wal_buffers',
  'rds.logical_replication',
]
const applyMethod: Relation = ({ parameter }) => {
  const wrong = elements(parameter).find(
    (each) => staticParameters.includes(text(each['name'])) && each['apply_method'] !== 'pending-reboot',
  )
  return (
    wrong && {
      at: 'parameter',
      fault: `expected apply_method pending-reboot for the static parameter ${text(wrong['name'])}`,
    }
  )
}

const failover: Relation = (config) => {
  const isTrue = (each: string): boolean => config[each] === true
  if (isTrue('multi_az_enabled') && !isTrue('automatic_failover_enabled'))
    return { at: 'multi_az_enabled', fault: 'expected automatic_failover_enabled with it' }
  return isTrue('automatic_failover_enabled') && config['num_cache_clusters'] === 1
    ? { at: 'automatic_failover_enabled', fault: 'expected two nodes or more; num_cache_clusters is 1' }
    : undefined
}

// https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html: the two names must be the same, in lower case.
const iamUser: Relation = ({ user_id: id, user_name: userName, authentication_mode: mode }) => {
  const first = Array.isArray(mode) ? mode[0] : undefined
  if (!isObject(first) || first['type'] !== 'iam' || typeof id !== 'string' || typeof userName !== 'string')
    return undefined
  return id === userName && id === id.toLowerCase()
    ? undefined
    : { at: 'user_name', fault: `expected the user id in lower case, as IAM asks; ${userName} came with the id ${id}` }
}

const transitions: Relation = (config) => {
  const faulty = elements(config['rule']).find((rule) =>
    elements(rule['transition']).some(
      ({ storage_class: target, days }) => text(target).endsWith('_IA') && typeof days === 'number' && days < 30,
    ),
  )
  return (
    faulty && {
      at: 'rule',
      fault: `expected 30 days or more before a move to an IA class in the rule ${text(faulty['id'])}`,
    }
  )
}

const dbName = (longest: number): ReturnType<typeof matches> =>
  matches(
    new RegExp(`^(?!.*--)[a-z][a-z0-9-]{0,${longest - 1}}(?<!-)$`),
    `at most ${longest} lower-case letters, digits and single hyphens, a letter first`,
  )
const storageClass = oneOf('GLACIER', 'STANDARD_IA', 'ONEZONE_IA', 'INTELLIGENT_TIERING', 'DEEP_ARCHIVE', 'GLACIER_IR')

/** API references of RDS, ElastiCache, S3, Secrets Manager, Systems Manager and AWS Backup. */
export const data: Checks = {
  aws_db_instance: {
    arguments: {
      identifier: dbName(63),
      instance_class: matches(/^db\.[a-z0-9]+\.[a-z0-9]+$/, 'a class such as db.t4g.micro'),
      storage_type: oneOf('standard', 'gp2', 'gp3', 'io1', 'io2'),
      allocated_storage: between(20, 65_536),
      backup_retention_period: between(0, 35),
      backup_window: dailyWindow,
      maintenance_window: weeklyWindow,
      monitoring_interval: oneOf(0, 1, 5, 10, 15, 30, 60),
      performance_insights_retention_period: eitherOf(oneOf(7, 731), {
        expected: 'months of 31 days',
        holds: (value) => Number(value) % 31 === 0 && Number(value) > 0 && Number(value) < 731,
      }),
      database_insights_mode: oneOf('standard', 'advanced'),
      enabled_cloudwatch_logs_exports: oneOf('postgresql', 'upgrade', 'iam-db-auth-error'),
      db_name: matches(/^[A-Za-z_]\w{0,62}$/, 'at most 63 letters, digits and underscores'),
      username: matches(
        /^(?!rdsadmin$|admin$)[A-Za-z_]\w{0,62}$/,
        'at most 63 letters, digits and underscores, no reserved word',
      ),
      network_type: oneOf('IPV4', 'DUAL'),
      engine_lifecycle_support: oneOf('open-source-rds-extended-support', 'open-source-rds-extended-support-disabled'),
    },
    relations: [
      windows('backup_window', 'maintenance_window', 30),
      finalSnapshot,
      atMostOne('password', 'password_wo', 'manage_master_user_password'),
      needs('password_wo', 'password_wo_version'),
    ],
  },
  aws_db_parameter_group: {
    arguments: {
      name: dbName(255),
      family: matches(/^postgres\d+$/, 'a family such as postgres17'),
      'parameter.apply_method': oneOf('immediate', 'pending-reboot'),
    },
    relations: [applyMethod],
  },
  aws_db_subnet_group: {
    arguments: { name: matches(/^[a-z0-9 ._-]{1,255}$/, 'at most 255 lower-case letters, digits, spaces, . _ -') },
  },
  aws_db_event_subscription: {
    arguments: {
      name: dbName(255),
      source_type: oneOf(
        'db-instance',
        'db-security-group',
        'db-parameter-group',
        'db-snapshot',
        'db-cluster',
        'db-cluster-snapshot',
      ),
    },
  },
  aws_elasticache_replication_group: {
    arguments: {
      replication_group_id: dbName(40),
      engine: oneOf('redis', 'valkey'),
      node_type: matches(/^cache\.[a-z0-9]+\.[a-z0-9]+$/, 'a type such as cache.t4g.micro'),
      transit_encryption_mode: oneOf('preferred', 'required'),
      snapshot_retention_limit: between(0, 35),
      snapshot_window: dailyWindow,
      maintenance_window: weeklyWindow,
      num_cache_clusters: between(1, 6),
      network_type: oneOf('ipv4', 'ipv6', 'dual_stack'),
    },
    relations: [
      failover,
      atMostOne('auth_token', 'user_group_ids'),
      windows('snapshot_window', 'maintenance_window', 60),
    ],
  },
  aws_elasticache_parameter_group: {
    arguments: { name: dbName(255), family: matches(/^(redis|valkey)\d+(\.x)?$/, 'a family such as valkey8') },
  },
  aws_elasticache_subnet_group: { arguments: { name: dbName(255) } },
  aws_elasticache_user: {
    arguments: {
      user_id: name(40, '-'),
      engine: oneOf('redis', 'valkey', 'REDIS', 'VALKEY'),
      'authentication_mode.type': oneOf('password', 'iam', 'no-password-required'),
    },
    relations: [iamUser, exactlyOne('authentication_mode', 'passwords', 'no_password_required')],
  },
  aws_elasticache_user_group: {
    arguments: { user_group_id: name(40, '-'), engine: oneOf('redis', 'valkey', 'REDIS', 'VALKEY') },
  },
  aws_s3_bucket: {
    arguments: {
      bucket: matches(
        /^(?!xn--|sthree-)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
        '3 to 63 lower-case letters, digits, points and hyphens',
      ),
    },
    relations: [atMostOne('bucket', 'bucket_prefix')],
  },
  aws_s3_bucket_versioning: {
    arguments: { 'versioning_configuration.status': oneOf('Enabled', 'Suspended', 'Disabled') },
  },
  aws_s3_bucket_server_side_encryption_configuration: {
    arguments: {
      'rule.apply_server_side_encryption_by_default.sse_algorithm': oneOf('AES256', 'aws:kms', 'aws:kms:dsse'),
    },
  },
  aws_s3_bucket_ownership_controls: {
    arguments: { 'rule.object_ownership': oneOf('BucketOwnerPreferred', 'ObjectWriter', 'BucketOwnerEnforced') },
  },
  aws_s3_bucket_lifecycle_configuration: {
    arguments: {
      'rule.id': matches(/^.{1,255}$/, 'at most 255 characters'),
      'rule.status': oneOf('Enabled', 'Disabled'),
      'rule.transition.storage_class': storageClass,
      'rule.noncurrent_version_transition.storage_class': storageClass,
    },
    relations: [transitions],
  },
  aws_secretsmanager_secret: {
    arguments: {
      name: name(512, '/_+=.@-'),
      recovery_window_in_days: eitherOf(oneOf(0), between(7, 30)),
    },
    relations: [atMostOne('name', 'name_prefix')],
  },
  aws_secretsmanager_secret_version: {
    relations: [
      exactlyOne('secret_string', 'secret_string_wo', 'secret_binary'),
      needs('secret_string_wo', 'secret_string_wo_version'),
    ],
  },
  aws_ssm_parameter: {
    arguments: {
      type: oneOf('String', 'StringList', 'SecureString'),
      tier: oneOf('Standard', 'Advanced', 'Intelligent-Tiering'),
      name: matches(
        /^(?!\/?(aws|ssm)(\/|$))[A-Za-z0-9/._-]{1,1011}$/i,
        'letters, digits and / . _ -, not beginning with aws or ssm',
      ),
    },
    relations: [exactlyOne('value', 'value_wo', 'insecure_value'), needs('value_wo', 'value_wo_version')],
  },
  aws_backup_vault: { arguments: { name: name(50, '_-', 2) } },
  aws_dynamodb_table: { arguments: { billing_mode: oneOf('PROVISIONED', 'PAY_PER_REQUEST') } },
}
