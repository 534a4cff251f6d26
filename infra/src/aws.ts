// The one door to the infrastructure bindings: a move to their maintained fork changes the names of the packages here and nowhere else.
// Deep imports only: the package's own door loads 2,216 modules, takes 5 s and 760 MB.
export {
  App,
  Annotations,
  Aspects,
  Fn,
  LocalBackend,
  S3Backend,
  TerraformElement,
  TerraformOutput,
  TerraformResource,
  TerraformStack,
  Testing,
  Token,
} from 'cdktf'
export type { IAspect, ITerraformDependable } from 'cdktf'

// Network
export { Vpc } from '@cdktf/provider-aws/lib/vpc/index.js'
export { Subnet } from '@cdktf/provider-aws/lib/subnet/index.js'
export { InternetGateway } from '@cdktf/provider-aws/lib/internet-gateway/index.js'
export { RouteTable } from '@cdktf/provider-aws/lib/route-table/index.js'
export { Route } from '@cdktf/provider-aws/lib/route/index.js'
export { RouteTableAssociation } from '@cdktf/provider-aws/lib/route-table-association/index.js'
export { DefaultSecurityGroup } from '@cdktf/provider-aws/lib/default-security-group/index.js'
export { SecurityGroup } from '@cdktf/provider-aws/lib/security-group/index.js'
export { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule/index.js'
export { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule/index.js'
export { VpcEndpoint } from '@cdktf/provider-aws/lib/vpc-endpoint/index.js'
export { FlowLog } from '@cdktf/provider-aws/lib/flow-log/index.js'
export { NatGateway } from '@cdktf/provider-aws/lib/nat-gateway/index.js'
export { Eip } from '@cdktf/provider-aws/lib/eip/index.js'
export { Instance } from '@cdktf/provider-aws/lib/instance/index.js'
export { NetworkInterface } from '@cdktf/provider-aws/lib/network-interface/index.js'
export { LaunchTemplate } from '@cdktf/provider-aws/lib/launch-template/index.js'
export { AutoscalingGroup } from '@cdktf/provider-aws/lib/autoscaling-group/index.js'
export { DataAwsVpc } from '@cdktf/provider-aws/lib/data-aws-vpc/index.js'
export { DataAwsSubnet } from '@cdktf/provider-aws/lib/data-aws-subnet/index.js'
export { DataAwsSubnets } from '@cdktf/provider-aws/lib/data-aws-subnets/index.js'
export { DataAwsSecurityGroup } from '@cdktf/provider-aws/lib/data-aws-security-group/index.js'
export { DataAwsAvailabilityZones } from '@cdktf/provider-aws/lib/data-aws-availability-zones/index.js'
export { DataAwsEc2ManagedPrefixList } from '@cdktf/provider-aws/lib/data-aws-ec2-managed-prefix-list/index.js'
export { DataAwsAmi } from '@cdktf/provider-aws/lib/data-aws-ami/index.js'

// Compute
export { EcrRepository } from '@cdktf/provider-aws/lib/ecr-repository/index.js'
export { EcrLifecyclePolicy } from '@cdktf/provider-aws/lib/ecr-lifecycle-policy/index.js'
export { EcsCluster } from '@cdktf/provider-aws/lib/ecs-cluster/index.js'
export { EcsClusterCapacityProviders } from '@cdktf/provider-aws/lib/ecs-cluster-capacity-providers/index.js'
export { EcsTaskDefinition } from '@cdktf/provider-aws/lib/ecs-task-definition/index.js'
export { EcsService } from '@cdktf/provider-aws/lib/ecs-service/index.js'
export { IamRole } from '@cdktf/provider-aws/lib/iam-role/index.js'
export { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy/index.js'
export { IamRolePolicyAttachment } from '@cdktf/provider-aws/lib/iam-role-policy-attachment/index.js'
export { IamPolicy } from '@cdktf/provider-aws/lib/iam-policy/index.js'
export { IamOpenidConnectProvider } from '@cdktf/provider-aws/lib/iam-openid-connect-provider/index.js'
export { IamInstanceProfile } from '@cdktf/provider-aws/lib/iam-instance-profile/index.js'
export { DataAwsIamPolicyDocument } from '@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js'
export { DataAwsCallerIdentity } from '@cdktf/provider-aws/lib/data-aws-caller-identity/index.js'
export { DataAwsRegion } from '@cdktf/provider-aws/lib/data-aws-region/index.js'
export { DataAwsPartition } from '@cdktf/provider-aws/lib/data-aws-partition/index.js'
export { CloudwatchLogDelivery } from '@cdktf/provider-aws/lib/cloudwatch-log-delivery/index.js'
export { CloudwatchLogDeliveryDestination } from '@cdktf/provider-aws/lib/cloudwatch-log-delivery-destination/index.js'
export { CloudwatchLogDeliverySource } from '@cdktf/provider-aws/lib/cloudwatch-log-delivery-source/index.js'
export { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group/index.js'
export { DataAwsEcsCluster } from '@cdktf/provider-aws/lib/data-aws-ecs-cluster/index.js'
export { DataAwsEcrRepository } from '@cdktf/provider-aws/lib/data-aws-ecr-repository/index.js'

// Scaling and the clock
export { AppautoscalingTarget } from '@cdktf/provider-aws/lib/appautoscaling-target/index.js'
export { AppautoscalingPolicy } from '@cdktf/provider-aws/lib/appautoscaling-policy/index.js'
export { AppautoscalingScheduledAction } from '@cdktf/provider-aws/lib/appautoscaling-scheduled-action/index.js'
export { SchedulerSchedule } from '@cdktf/provider-aws/lib/scheduler-schedule/index.js'
export { SchedulerScheduleGroup } from '@cdktf/provider-aws/lib/scheduler-schedule-group/index.js'

// Edge
export { Lb } from '@cdktf/provider-aws/lib/lb/index.js'
export { LbListener } from '@cdktf/provider-aws/lib/lb-listener/index.js'
export { LbListenerRule } from '@cdktf/provider-aws/lib/lb-listener-rule/index.js'
export { LbTargetGroup } from '@cdktf/provider-aws/lib/lb-target-group/index.js'
export { LbTargetGroupAttachment } from '@cdktf/provider-aws/lib/lb-target-group-attachment/index.js'
export { CloudfrontDistribution } from '@cdktf/provider-aws/lib/cloudfront-distribution/index.js'
export { CloudfrontVpcOrigin } from '@cdktf/provider-aws/lib/cloudfront-vpc-origin/index.js'
export { CloudfrontOriginAccessControl } from '@cdktf/provider-aws/lib/cloudfront-origin-access-control/index.js'
export { CloudfrontCachePolicy } from '@cdktf/provider-aws/lib/cloudfront-cache-policy/index.js'
export { CloudfrontOriginRequestPolicy } from '@cdktf/provider-aws/lib/cloudfront-origin-request-policy/index.js'
export { CloudfrontResponseHeadersPolicy } from '@cdktf/provider-aws/lib/cloudfront-response-headers-policy/index.js'
export { CloudfrontFunction } from '@cdktf/provider-aws/lib/cloudfront-function/index.js'
export { Wafv2WebAcl } from '@cdktf/provider-aws/lib/wafv2-web-acl/index.js'
export { Wafv2WebAclLoggingConfiguration } from '@cdktf/provider-aws/lib/wafv2-web-acl-logging-configuration/index.js'
export { AcmCertificate } from '@cdktf/provider-aws/lib/acm-certificate/index.js'
export { AcmCertificateValidation } from '@cdktf/provider-aws/lib/acm-certificate-validation/index.js'
export { Route53Record } from '@cdktf/provider-aws/lib/route53-record/index.js'
export { Route53Zone } from '@cdktf/provider-aws/lib/route53-zone/index.js'
export { DataAwsRoute53Zone } from '@cdktf/provider-aws/lib/data-aws-route53-zone/index.js'
export { DataAwsLb } from '@cdktf/provider-aws/lib/data-aws-lb/index.js'
export { DataAwsLbListener } from '@cdktf/provider-aws/lib/data-aws-lb-listener/index.js'

// Data
export { DbInstance } from '@cdktf/provider-aws/lib/db-instance/index.js'
export { DbParameterGroup } from '@cdktf/provider-aws/lib/db-parameter-group/index.js'
export { DbSubnetGroup } from '@cdktf/provider-aws/lib/db-subnet-group/index.js'
export { DbEventSubscription } from '@cdktf/provider-aws/lib/db-event-subscription/index.js'
export { ElasticacheReplicationGroup } from '@cdktf/provider-aws/lib/elasticache-replication-group/index.js'
export { ElasticacheParameterGroup } from '@cdktf/provider-aws/lib/elasticache-parameter-group/index.js'
export { ElasticacheSubnetGroup } from '@cdktf/provider-aws/lib/elasticache-subnet-group/index.js'
export { ElasticacheUser } from '@cdktf/provider-aws/lib/elasticache-user/index.js'
export { ElasticacheUserGroup } from '@cdktf/provider-aws/lib/elasticache-user-group/index.js'
export { ElasticacheUserGroupAssociation } from '@cdktf/provider-aws/lib/elasticache-user-group-association/index.js'
export { DataAwsElasticacheReplicationGroup } from '@cdktf/provider-aws/lib/data-aws-elasticache-replication-group/index.js'
export { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket/index.js'
export { S3BucketPublicAccessBlock } from '@cdktf/provider-aws/lib/s3-bucket-public-access-block/index.js'
export { S3BucketPolicy } from '@cdktf/provider-aws/lib/s3-bucket-policy/index.js'
export { S3BucketServerSideEncryptionConfigurationA } from '@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration/index.js'
export { S3BucketVersioningA } from '@cdktf/provider-aws/lib/s3-bucket-versioning/index.js'
export { S3BucketLifecycleConfiguration } from '@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration/index.js'
export { S3BucketOwnershipControls } from '@cdktf/provider-aws/lib/s3-bucket-ownership-controls/index.js'
export { S3BucketLoggingA } from '@cdktf/provider-aws/lib/s3-bucket-logging/index.js'
export { S3BucketNotification } from '@cdktf/provider-aws/lib/s3-bucket-notification/index.js'
export { S3BucketCorsConfiguration } from '@cdktf/provider-aws/lib/s3-bucket-cors-configuration/index.js'
export { S3Object } from '@cdktf/provider-aws/lib/s3-object/index.js'
export { SecretsmanagerSecret } from '@cdktf/provider-aws/lib/secretsmanager-secret/index.js'
export { SecretsmanagerSecretVersion } from '@cdktf/provider-aws/lib/secretsmanager-secret-version/index.js'
export { SecretsmanagerSecretRotation } from '@cdktf/provider-aws/lib/secretsmanager-secret-rotation/index.js'
export { KmsKey } from '@cdktf/provider-aws/lib/kms-key/index.js'
export { KmsAlias } from '@cdktf/provider-aws/lib/kms-alias/index.js'
export { SsmParameter } from '@cdktf/provider-aws/lib/ssm-parameter/index.js'
export { DataAwsSsmParameter } from '@cdktf/provider-aws/lib/data-aws-ssm-parameter/index.js'
export { DynamodbTable } from '@cdktf/provider-aws/lib/dynamodb-table/index.js'
export { BackupVault } from '@cdktf/provider-aws/lib/backup-vault/index.js'
export { BackupPlan } from '@cdktf/provider-aws/lib/backup-plan/index.js'
export { BackupSelection } from '@cdktf/provider-aws/lib/backup-selection/index.js'
export { BedrockModelInvocationLoggingConfiguration } from '@cdktf/provider-aws/lib/bedrock-model-invocation-logging-configuration/index.js'

// Watching and money
export { CloudwatchMetricAlarm } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm/index.js'
export { CloudwatchCompositeAlarm } from '@cdktf/provider-aws/lib/cloudwatch-composite-alarm/index.js'
export { CloudwatchDashboard } from '@cdktf/provider-aws/lib/cloudwatch-dashboard/index.js'
export { CloudwatchLogMetricFilter } from '@cdktf/provider-aws/lib/cloudwatch-log-metric-filter/index.js'
export { CloudwatchEventRule } from '@cdktf/provider-aws/lib/cloudwatch-event-rule/index.js'
export { CloudwatchEventTarget } from '@cdktf/provider-aws/lib/cloudwatch-event-target/index.js'
export { SnsTopic } from '@cdktf/provider-aws/lib/sns-topic/index.js'
export { SnsTopicPolicy } from '@cdktf/provider-aws/lib/sns-topic-policy/index.js'
export { SnsTopicSubscription } from '@cdktf/provider-aws/lib/sns-topic-subscription/index.js'
export { BudgetsBudget } from '@cdktf/provider-aws/lib/budgets-budget/index.js'
export { CeAnomalyMonitor } from '@cdktf/provider-aws/lib/ce-anomaly-monitor/index.js'
export { CeAnomalySubscription } from '@cdktf/provider-aws/lib/ce-anomaly-subscription/index.js'

// Delivery
export { Codepipeline } from '@cdktf/provider-aws/lib/codepipeline/index.js'
export { CodebuildProject } from '@cdktf/provider-aws/lib/codebuild-project/index.js'
export { CodestarconnectionsConnection } from '@cdktf/provider-aws/lib/codestarconnections-connection/index.js'
export { CodeconnectionsConnection } from '@cdktf/provider-aws/lib/codeconnections-connection/index.js'

// Provider
export { AwsProvider } from '@cdktf/provider-aws/lib/provider/index.js'
