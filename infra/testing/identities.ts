/** What AWS calls the account in its own documentation. */
export const accountId = '123456789012'

/** How AWS names what a resource makes. `{attribute}` is an attribute's value, `{hex}` and `{uuid}` are made up. */
interface Identity {
  /** Left out: the resource's type and a number. */
  id?: string
  arn?: string
}

const arn = (service: string, resource: string): string => `arn:aws:${service}:{region}:{account}:${resource}`
const global = (service: string, resource: string): string => `arn:aws:${service}::{account}:${resource}`
const ec2 = (prefix: string, resource: string): Identity => ({
  id: `${prefix}-{hex}`,
  arn: arn('ec2', `${resource}/{id}`),
})
const cloudfront = (id: string, resource: string): Identity => ({ id, arn: global('cloudfront', `${resource}/{id}`) })
const loadBalancing = (resource: string): Identity => ({ id: '{arn}', arn: arn('elasticloadbalancing', resource) })
const named = (service: string, resource: string, name = 'name'): Identity => ({
  id: `{${name}}`,
  arn: arn(service, `${resource}{${name}}`),
})
const ofBucket: Identity = { id: '{bucket}' }

/**
 * ARNs from the tables "Resource types defined by …" of the Service Authorization Reference
 * (https://docs.aws.amazon.com/service-authorization/latest/reference/), ids from the "Import" sections of the provider's pages.
 */
export const identities: Record<string, Identity> = {
  aws_vpc: ec2('vpc', 'vpc'),
  aws_subnet: ec2('subnet', 'subnet'),
  aws_internet_gateway: ec2('igw', 'internet-gateway'),
  aws_route_table: ec2('rtb', 'route-table'),
  aws_route_table_association: { id: 'rtbassoc-{hex}' },
  aws_security_group: ec2('sg', 'security-group'),
  aws_default_security_group: ec2('sg', 'security-group'),
  aws_vpc_security_group_ingress_rule: ec2('sgr', 'security-group-rule'),
  aws_vpc_security_group_egress_rule: ec2('sgr', 'security-group-rule'),
  aws_vpc_endpoint: ec2('vpce', 'vpc-endpoint'),
  aws_flow_log: ec2('fl', 'vpc-flow-log'),
  aws_nat_gateway: ec2('nat', 'natgateway'),
  aws_eip: ec2('eipalloc', 'elastic-ip'),
  aws_instance: ec2('i', 'instance'),
  aws_ami: ec2('ami', 'image'),
  aws_network_interface: ec2('eni', 'network-interface'),
  aws_launch_template: ec2('lt', 'launch-template'),
  aws_ec2_managed_prefix_list: ec2('pl', 'prefix-list'),
  aws_autoscaling_group: {
    id: '{name}',
    arn: arn('autoscaling', 'autoScalingGroup:{uuid}:autoScalingGroupName/{name}'),
  },
  aws_ecr_repository: named('ecr', 'repository/'),
  aws_ecs_cluster: { id: '{arn}', arn: arn('ecs', 'cluster/{name}{cluster_name}') },
  aws_ecs_service: { id: '{arn}', arn: arn('ecs', 'service/{name}') },
  aws_ecs_task_definition: { id: '{family}', arn: arn('ecs', 'task-definition/{family}:1') },
  aws_iam_role: { id: '{name}', arn: global('iam', 'role/{name}') },
  aws_iam_role_policy: { id: '{role}:{name}' },
  aws_iam_policy: { id: '{arn}', arn: global('iam', 'policy/{name}') },
  aws_iam_instance_profile: { id: '{name}', arn: global('iam', 'instance-profile/{name}') },
  aws_iam_openid_connect_provider: {
    id: '{arn}',
    arn: global('iam', 'oidc-provider/token.actions.githubusercontent.com'),
  },
  aws_cloudwatch_log_group: named('logs', 'log-group:'),
  aws_appautoscaling_target: { id: '{resource_id}', arn: arn('application-autoscaling', 'scalable-target/{hex}') },
  aws_appautoscaling_policy: {
    id: '{name}',
    arn: arn('autoscaling', 'scalingPolicy:{uuid}:resource/ecs/{resource_id}:policyName/{name}'),
  },
  aws_appautoscaling_scheduled_action: {
    id: '{name}-{service_namespace}-{resource_id}',
    arn: arn('autoscaling', 'scheduledAction:{uuid}:resource/ecs/{resource_id}:scheduledActionName/{name}'),
  },
  aws_scheduler_schedule: { id: '{group_name}/{name}', arn: arn('scheduler', 'schedule/{group_name}/{name}') },
  aws_scheduler_schedule_group: named('scheduler', 'schedule-group/'),
  aws_lb: loadBalancing('loadbalancer/app/{name}/{hex}'),
  aws_lb_listener: loadBalancing('listener/app/stub/{hex}/{hex}'),
  aws_lb_listener_rule: loadBalancing('listener-rule/app/stub/{hex}/{hex}/{hex}'),
  aws_lb_target_group: loadBalancing('targetgroup/{name}/{hex}'),
  aws_cloudfront_distribution: cloudfront('E{HEX}', 'distribution'),
  aws_cloudfront_vpc_origin: cloudfront('vo_{hex}', 'vpcorigin'),
  aws_cloudfront_origin_access_control: cloudfront('E{HEX}', 'origin-access-control'),
  aws_cloudfront_cache_policy: cloudfront('{uuid}', 'cache-policy'),
  aws_cloudfront_origin_request_policy: cloudfront('{uuid}', 'origin-request-policy'),
  aws_cloudfront_response_headers_policy: cloudfront('{uuid}', 'response-headers-policy'),
  aws_cloudfront_function: cloudfront('{name}', 'function'),
  aws_wafv2_web_acl: { id: '{uuid}', arn: arn('wafv2', 'global/webacl/{name}/{id}') },
  aws_wafv2_web_acl_logging_configuration: { id: '{resource_arn}' },
  aws_acm_certificate: { id: '{arn}', arn: arn('acm', 'certificate/{uuid}') },
  aws_route53_zone: { id: 'Z{HEX}', arn: 'arn:aws:route53:::hostedzone/{id}' },
  aws_db_instance: { id: 'db-{HEX}', arn: arn('rds', 'db:{identifier}') },
  aws_db_parameter_group: named('rds', 'pg:'),
  aws_db_subnet_group: named('rds', 'subgrp:'),
  aws_db_event_subscription: named('rds', 'es:'),
  aws_elasticache_replication_group: named('elasticache', 'replicationgroup:', 'replication_group_id'),
  aws_elasticache_parameter_group: named('elasticache', 'parametergroup:'),
  aws_elasticache_subnet_group: named('elasticache', 'subnetgroup:'),
  aws_elasticache_user: named('elasticache', 'user:', 'user_id'),
  aws_elasticache_user_group: named('elasticache', 'usergroup:', 'user_group_id'),
  aws_s3_bucket: { id: '{bucket}', arn: 'arn:aws:s3:::{bucket}' },
  aws_s3_bucket_public_access_block: ofBucket,
  aws_s3_bucket_policy: ofBucket,
  aws_s3_bucket_server_side_encryption_configuration: ofBucket,
  aws_s3_bucket_versioning: ofBucket,
  aws_s3_bucket_lifecycle_configuration: ofBucket,
  aws_s3_bucket_ownership_controls: ofBucket,
  aws_s3_bucket_logging: ofBucket,
  aws_s3_bucket_notification: ofBucket,
  aws_s3_bucket_cors_configuration: ofBucket,
  aws_s3_object: { id: '{key}', arn: 'arn:aws:s3:::{bucket}/{key}' },
  aws_secretsmanager_secret: { id: '{arn}', arn: arn('secretsmanager', 'secret:{name}-AbCdEf') },
  aws_secretsmanager_secret_version: { id: '{secret_id}|{hex}', arn: '{secret_id}' },
  aws_secretsmanager_secret_rotation: { id: '{secret_id}' },
  aws_kms_key: { id: '{uuid}', arn: arn('kms', 'key/{id}') },
  aws_kms_alias: named('kms', ''),
  aws_ssm_parameter: named('ssm', 'parameter'),
  aws_dynamodb_table: named('dynamodb', 'table/'),
  aws_backup_vault: named('backup', 'backup-vault:'),
  aws_backup_plan: { id: '{uuid}', arn: arn('backup', 'backup-plan:{id}') },
  aws_backup_selection: { id: '{uuid}' },
  aws_bedrock_model_invocation_logging_configuration: { id: '{region}' },
  aws_cloudwatch_metric_alarm: named('cloudwatch', 'alarm:', 'alarm_name'),
  aws_cloudwatch_composite_alarm: named('cloudwatch', 'alarm:', 'alarm_name'),
  aws_cloudwatch_dashboard: { id: '{dashboard_name}' },
  aws_cloudwatch_event_rule: named('events', 'rule/'),
  aws_cloudwatch_event_target: { id: '{rule}-{target_id}' },
  aws_sns_topic: { id: '{arn}', arn: arn('sns', '{name}') },
  aws_sns_topic_policy: { id: '{arn}' },
  aws_sns_topic_subscription: { id: '{arn}', arn: '{topic_arn}:{uuid}' },
  aws_budgets_budget: { id: '{account}:{name}', arn: global('budgets', 'budget/{name}') },
  aws_ce_anomaly_monitor: { id: '{arn}', arn: global('ce', 'anomalymonitor/{uuid}') },
  aws_ce_anomaly_subscription: { id: '{arn}', arn: global('ce', 'anomalysubscription/{uuid}') },
  aws_codepipeline: named('codepipeline', ''),
  aws_codebuild_project: { id: '{arn}', arn: arn('codebuild', 'project/{name}') },
  aws_codestarconnections_connection: { id: '{arn}', arn: arn('codestar-connections', 'connection/{uuid}') },
  aws_codeconnections_connection: { id: '{arn}', arn: arn('codeconnections', 'connection/{uuid}') },
  aws_caller_identity: { id: '{account}', arn: global('iam', 'user/stub') },
  aws_partition: { id: 'aws' },
  aws_region: { id: '{region}' },
  aws_availability_zones: { id: '{region}' },
}
