// What the concerns of a stack hand to one another: names, addresses and ARNs, which may be tokens of Terraform.

import type { ITerraformDependable } from './aws.ts'

export interface Network {
  vpcId: string
  /** A route to the internet, no way in but from the load balancer. */
  taskSubnetIds: string[]
  /** Whether a task needs an address of its own to reach the internet: where no NAT has one for it. */
  assignPublicIp: boolean
  /** Load balancer, database, cache; no route out. */
  isolatedSubnetIds: string[]
  groupIds: Record<'loadBalancer' | 'web' | 'worker' | 'database' | 'cache' | 'endpoints', string>
}

export interface Bucket {
  name: string
  arn: string
  /** For CloudFront. */
  regionalDomainName: string
}

export interface Data {
  /** `adminSecretArn` is the master secret that RDS rotates: only the migration reads it. */
  database: {
    instanceId: string
    arn: string
    host: string
    port: number
    name: string
    user: string
    adminUser: string
    adminSecretArn: string
    passwordSecretArn: string
  }
  /** Signed in to by IAM: there is no password. `keyPrefix` is what its user may touch. */
  cache: { groupId: string; arn: string; host: string; port: number; user: string; userArn: string; keyPrefix: string }
  /** objects: uploads and outputs. assets: the page that stands when nothing runs. */
  buckets: Record<'objects' | 'backups' | 'logs' | 'models' | 'assets', Bucket>
  /** Where Bedrock logs the calls of the account in this region; an environment that does not keep that log has none. */
  invocationLogsBucket: string | undefined
  /** Keys of our own, where the profile has them. */
  keyArn: string | undefined
}

export type Colour = 'blue' | 'green' | 'legacy'

export interface Compute {
  clusterName: string
  clusterArn: string
  /** By colour; `legacy` has none. */
  webServiceNames: Record<'blue' | 'green', string>
  workerServiceName: string
  migrationTaskArn: string
  logGroupNames: Record<'web' | 'worker' | 'migration', string>
  roleArns: Record<'webTask' | 'workerTask' | 'migrationTask' | 'execution', string>
}

export interface LoadBalancing {
  loadBalancerArn: string
  /** Its own host name, inside the network. */
  dnsName: string
  loadBalancerArnSuffix: string
  listenerArn: string
  targetGroupArns: Record<'blue' | 'green', string> & { legacy?: string }
  targetGroupArnSuffixes: Record<'blue' | 'green', string> & { legacy?: string }
  /** What a service waits for: ECS refuses target groups that no listener leads to. */
  routes: ITerraformDependable
}

export interface Edge {
  distributionId: string
  /** Where people go: the domain, or CloudFront's own name. */
  address: string
}

export interface Watching {
  topicArn: string
  /** Alarms that stop a deployment or a shift of weights and send it back. Lodgers have none. */
  rollbackAlarmNames: { web: string[]; worker: string[] }
}
