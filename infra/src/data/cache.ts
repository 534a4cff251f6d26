import { DataAwsElasticacheReplicationGroup, ElasticacheParameterGroup, ElasticacheReplicationGroup } from '../aws.ts'
import { ElasticacheSubnetGroup, ElasticacheUser, ElasticacheUserGroup } from '../aws.ts'
import { ElasticacheUserGroupAssociation, type TerraformStack } from '../aws.ts'
import type { Plan } from '../environment.ts'
import type { Data, Network } from '../parts.ts'
import { closedWindows } from '../schedule.ts'

interface Parts {
  network: Network
  keyArn: string | undefined
}

const nameOf = (environment: string): string => `dayshift-${environment}`

/**
 * ElastiCache for Valkey with replication and without cluster mode, which BullMQ's keys do not fit. Whoever signs in does so with
 * a token of IAM: there is no password, and no user `default`, since no user of that name is in the group.
 */
export function createCache(stack: TerraformStack, plan: Plan, { network, keyArn }: Parts): Data['cache'] {
  const name = nameOf(plan.name)
  const tags = { Name: name }
  const { cache } = plan.buys
  const user = createUser(stack, plan)
  const users = new ElasticacheUserGroup(stack, 'cache-users', {
    userGroupId: name,
    engine: 'valkey',
    userIds: [user.userId],
    // Lodgers add theirs.
    lifecycle: { ignoreChanges: ['user_ids'] },
    tags,
  })
  const parameters = new ElasticacheParameterGroup(stack, 'cache-parameters', {
    name: `${name}-valkey8`,
    family: 'valkey8',
    description: `Valkey 8 of ${name}`,
    // Jobs and sessions must never make room for one another.
    parameter: [{ name: 'maxmemory-policy', value: 'noeviction' }],
    tags,
  })
  const subnets = new ElasticacheSubnetGroup(stack, 'cache-subnets', {
    name,
    description: `Isolated subnets of ${name}`,
    subnetIds: network.isolatedSubnetIds,
    tags,
  })
  const windows = closedWindows(plan.hours)
  const group = new ElasticacheReplicationGroup(stack, 'cache', {
    replicationGroupId: name,
    description: `Queues, sessions and limits of ${name}`,
    engine: 'valkey',
    engineVersion: '8.1',
    autoMinorVersionUpgrade: 'true',
    nodeType: cache.nodeType,
    numCacheClusters: cache.nodes,
    automaticFailoverEnabled: cache.nodes > 1,
    multiAzEnabled: cache.nodes > 1,
    parameterGroupName: parameters.name,
    subnetGroupName: subnets.name,
    securityGroupIds: [network.groupIds.cache],
    port: 6379,
    transitEncryptionEnabled: true,
    transitEncryptionMode: 'required',
    atRestEncryptionEnabled: 'true',
    ...(keyArn !== undefined && { kmsKeyId: keyArn }),
    userGroupIds: [users.id],
    snapshotRetentionLimit: plan.production ? 7 : 1,
    snapshotWindow: windows.snapshot,
    maintenanceWindow: windows.maintenance,
    applyImmediately: !plan.production,
    // AWS raises the minor version; to lower it again would make a new, empty cache.
    lifecycle: { ignoreChanges: ['engine_version'] },
    tags,
  })
  return partOf(plan, user, { id: group.replicationGroupId, arn: group.arn, host: group.primaryEndpointAddress })
}

/** The cache of the host, with a user of our own for our own keys. */
export function joinCache(stack: TerraformStack, plan: Plan, host: string): Data['cache'] {
  const group = new DataAwsElasticacheReplicationGroup(stack, 'cache', { replicationGroupId: nameOf(host) })
  const user = createUser(stack, plan)
  new ElasticacheUserGroupAssociation(stack, 'cache-user', { userGroupId: nameOf(host), userId: user.userId })
  return partOf(plan, user, { id: group.replicationGroupId, arn: group.arn, host: group.primaryEndpointAddress })
}

const partOf = (
  plan: Plan,
  user: ElasticacheUser,
  { id, arn, host }: { id: string; arn: string; host: string },
): Data['cache'] => ({
  groupId: id,
  arn,
  host,
  port: 6379,
  user: user.userName,
  userArn: user.arn,
  keyPrefix: plan.name,
})

/**
 * May do what BullMQ, sessions and limits do, with keys and channels that begin with the environment's name and a colon. Of the
 * dangerous commands it has INFO, by which BullMQ learns the server's version. SCAN and RANDOMKEY would name the keys of others.
 * Rules: valkey.io/topics/acl; IAM asks for one name: docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html.
 */
function createUser(stack: TerraformStack, plan: Plan): ElasticacheUser {
  const name = nameOf(plan.name)
  return new ElasticacheUser(stack, 'cache-user-own', {
    userId: name,
    userName: name,
    engine: 'valkey',
    authenticationMode: { type: 'iam' },
    accessString: accessOf(plan.name),
    tags: { Name: name },
  })
}

export const accessOf = (keyPrefix: string): string =>
  `on ~${keyPrefix}:* &${keyPrefix}:* +@all -@admin -@dangerous -scan -randomkey +info`
