import { CloudwatchLogGroup, DbInstance, DbParameterGroup, DbSubnetGroup, SecretsmanagerSecret } from '../aws.ts'
import { SecretsmanagerSecretVersion, type TerraformStack } from '../aws.ts'
import type { Plan } from '../environment.ts'
import type { Data, Network } from '../parts.ts'
import { databaseWindows } from '../schedule.ts'

interface Parts {
  network: Network
  keyArn: string | undefined
}

const MAJOR_VERSION = '17'
/** Storage grows by itself up to here; it never shrinks again. */
const MOST_STORAGE_GB = 100
/** `admin` is not allowed by RDS. */
const ADMIN_USER = 'dayshift_admin'

/**
 * RDS for PostgreSQL. RDS keeps and rotates the administrator's password; the application has a user of its own, whom the migration
 * makes with its database and the extension `vector`.
 */
export function createDatabase(stack: TerraformStack, plan: Plan, { network, keyArn }: Parts): Data['database'] {
  const identifier = `dayshift-${plan.name}`
  const tags = { Name: identifier }
  const subnets = new DbSubnetGroup(stack, 'database-subnets', {
    name: identifier,
    description: `Isolated subnets of ${identifier}`,
    subnetIds: network.isolatedSubnetIds,
    tags,
  })
  const logs = ['postgresql', 'upgrade']
  const logGroups = logs.map(
    (log) =>
      // Made before the instance, which else makes them without an end of keeping.
      new CloudwatchLogGroup(stack, `database-log-${log}`, {
        name: `/aws/rds/instance/${identifier}/${log}`,
        retentionInDays: plan.logDays,
        ...(keyArn !== undefined && { kmsKeyId: keyArn }),
        tags,
      }),
  )
  const { database } = plan.buys
  const windows = databaseWindows(plan.hours)
  const instance = new DbInstance(stack, 'database', {
    identifier,
    engine: 'postgres',
    engineVersion: MAJOR_VERSION,
    autoMinorVersionUpgrade: true,
    allowMajorVersionUpgrade: false,
    parameterGroupName: createParameters(stack, plan),
    instanceClass: database.instanceClass,
    multiAz: database.multiAz,
    storageType: 'gp3',
    allocatedStorage: database.storageGb,
    maxAllocatedStorage: MOST_STORAGE_GB,
    storageEncrypted: true,
    ...(keyArn !== undefined && {
      kmsKeyId: keyArn,
      masterUserSecretKmsKeyId: keyArn,
      performanceInsightsKmsKeyId: keyArn,
    }),
    dbSubnetGroupName: subnets.name,
    vpcSecurityGroupIds: [network.groupIds.database],
    publiclyAccessible: false,
    port: 5432,
    username: ADMIN_USER,
    manageMasterUserPassword: true,
    iamDatabaseAuthenticationEnabled: false,
    backupRetentionPeriod: database.backupDays,
    backupWindow: windows.backup,
    maintenanceWindow: windows.maintenance,
    copyTagsToSnapshot: true,
    deletionProtection: plan.production,
    ...finalSnapshot(plan, identifier),
    // Elsewhere than in production nobody waits for the maintenance window.
    applyImmediately: !plan.production,
    enabledCloudwatchLogsExports: logs,
    // Seven days cost nothing.
    performanceInsightsEnabled: true,
    performanceInsightsRetentionPeriod: 7,
    dependsOn: logGroups,
    tags,
  })
  return {
    instanceId: instance.identifier,
    arn: instance.arn,
    host: instance.address,
    port: instance.port,
    name: 'dayshift',
    user: 'dayshift',
    adminUser: ADMIN_USER,
    adminSecretArn: instance.masterUserSecret.get(0).secretArn,
    passwordSecretArn: createPassword(stack, plan, keyArn),
  }
}

/**
 * Production leaves a snapshot behind, named by when the instance was made, so that the next instance of the same name can leave
 * one, too. The name is settled then and kept.
 */
const finalSnapshot = ({ production }: Plan, identifier: string) =>
  production
    ? {
        skipFinalSnapshot: false,
        finalSnapshotIdentifier: `${identifier}-final-\${formatdate("YYYYMMDDhhmm", timestamp())}`,
        lifecycle: { ignoreChanges: ['final_snapshot_identifier'] },
      }
    : { skipFinalSnapshot: true }

/** Settings of the server; who connects, what changes the schema, and what takes longer than a second are logged. */
function createParameters(stack: TerraformStack, plan: Plan): string {
  const parameters = {
    'rds.force_ssl': '1',
    log_connections: '1',
    log_disconnections: '1',
    log_lock_waits: '1',
    // What it logs of the application's password is a verifier of 48 random characters, from which nobody finds them.
    log_statement: 'ddl',
    log_min_duration_statement: '1000',
    // Articles and prompts are parameters, and have no place in a log.
    log_parameter_max_length: '0',
    log_parameter_max_length_on_error: '0',
    // A transaction that its process has forgotten holds back vacuum.
    idle_in_transaction_session_timeout: '600000',
  }
  return new DbParameterGroup(stack, 'database-parameters', {
    name: `dayshift-${plan.name}-postgres${MAJOR_VERSION}`,
    family: `postgres${MAJOR_VERSION}`,
    description: `PostgreSQL ${MAJOR_VERSION} of dayshift-${plan.name}`,
    parameter: Object.entries(parameters).map(([name, value]) => ({ name, value, applyMethod: 'immediate' })),
    // A new major version needs its group before the old one can go.
    lifecycle: { createBeforeDestroy: true },
    tags: { Name: `dayshift-${plan.name}` },
  }).name
}

/**
 * Password of the application's user. Terraform passes it on without keeping it: an ephemeral value into a write-only argument,
 * written anew when the version rises. Needs Terraform 1.11. Gives the secret's ARN.
 */
function createPassword(stack: TerraformStack, plan: Plan, keyArn: string | undefined): string {
  // The bindings have no ephemeral resources.
  const ephemeral = 'aws_secretsmanager_random_password'
  stack.addOverride(`ephemeral.${ephemeral}.database`, { password_length: 48, exclude_punctuation: true })
  const name = `dayshift-${plan.name}-database-password`
  const secret = new SecretsmanagerSecret(stack, 'database-password', {
    name,
    description: `Password of the user dayshift of the database dayshift-${plan.name}`,
    // Elsewhere than in production it can be destroyed and made again on the same day.
    recoveryWindowInDays: plan.production ? 30 : 0,
    ...(keyArn !== undefined && { kmsKeyId: keyArn }),
    tags: { Name: name },
  })
  new SecretsmanagerSecretVersion(stack, 'database-password-version', {
    secretId: secret.id,
    secretStringWo: `\${ephemeral.${ephemeral}.database.random_password}`,
    secretStringWoVersion: plan.databasePasswordVersion,
  })
  return secret.arn
}
