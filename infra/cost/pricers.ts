import type { Pricer } from './charge.ts'
import { priceService, priceTaskDefinition } from './pricers/compute.ts'
import { priceCache, priceDatabase } from './pricers/database.ts'
import { pricePipeline, priceProject } from './pricers/delivery.ts'
import {
  priceDistribution,
  priceEdgeFunction,
  priceLogDestination,
  priceWafLog,
  priceWebAcl,
  priceZone,
} from './pricers/edge.ts'
import {
  priceAddress,
  priceAutoscalingGroup,
  priceBalancer,
  priceEndpoint,
  priceFlowLog,
  priceNat,
} from './pricers/network.ts'
import { priceBackupPlan, priceKey, priceParameter, priceRepository, priceSecret } from './pricers/storage.ts'
import {
  priceAlarm,
  priceCluster,
  priceCompositeAlarm,
  priceDashboard,
  priceMetricFilter,
  priceScalingPolicy,
  priceTopic,
} from './pricers/watching.ts'

/** Every type of resource that may cost something. */
export const pricers: Record<string, Pricer> = {
  aws_eip: priceAddress,
  aws_nat_gateway: priceNat,
  aws_autoscaling_group: priceAutoscalingGroup,
  aws_vpc_endpoint: priceEndpoint,
  aws_flow_log: priceFlowLog,
  aws_lb: priceBalancer,

  aws_ecs_cluster: priceCluster,
  aws_ecs_service: priceService,
  aws_ecs_task_definition: priceTaskDefinition,

  aws_cloudfront_distribution: priceDistribution,
  aws_cloudfront_function: priceEdgeFunction,
  aws_cloudwatch_log_delivery_destination: priceLogDestination,
  aws_wafv2_web_acl: priceWebAcl,
  aws_wafv2_web_acl_logging_configuration: priceWafLog,
  aws_route53_zone: priceZone,

  aws_db_instance: priceDatabase,
  aws_elasticache_replication_group: priceCache,
  aws_ecr_repository: priceRepository,
  aws_backup_plan: priceBackupPlan,
  aws_secretsmanager_secret: priceSecret,
  aws_kms_key: priceKey,
  aws_ssm_parameter: priceParameter,

  aws_appautoscaling_policy: priceScalingPolicy,
  aws_cloudwatch_metric_alarm: priceAlarm,
  aws_cloudwatch_composite_alarm: priceCompositeAlarm,
  aws_cloudwatch_dashboard: priceDashboard,
  aws_cloudwatch_log_metric_filter: priceMetricFilter,
  aws_sns_topic: priceTopic,

  aws_codepipeline: pricePipeline,
  aws_codebuild_project: priceProject,
}

const network = 'networks, their routes and rules are free; what goes through them is not'
const access = 'identities and permissions are free'
const setting = 'a setting of something that is priced itself'
const use = 'charged by its use: see the lines of usage'
const notice = 'free for the events of AWS services and a few mails'

/** Every type that costs nothing by itself, and why. */
export const freeTypes: Record<string, string> = {
  aws_vpc: network,
  aws_subnet: network,
  aws_internet_gateway: network,
  aws_route_table: network,
  aws_route: network,
  aws_route_table_association: network,
  aws_default_security_group: network,
  aws_security_group: network,
  aws_vpc_security_group_ingress_rule: network,
  aws_vpc_security_group_egress_rule: network,
  aws_network_interface: network,
  aws_launch_template: 'its machines are priced with the autoscaling group',

  aws_iam_role: access,
  aws_iam_role_policy: access,
  aws_iam_role_policy_attachment: access,
  aws_iam_policy: access,
  aws_iam_openid_connect_provider: access,
  aws_iam_instance_profile: access,

  aws_ecr_lifecycle_policy: setting,
  aws_ecs_cluster_capacity_providers: setting,
  aws_appautoscaling_target: 'Application Auto Scaling is free',
  aws_appautoscaling_scheduled_action: 'Application Auto Scaling is free',
  aws_scheduler_schedule: use,
  aws_scheduler_schedule_group: setting,
  aws_sqs_queue: 'the first million calls a month are free',
  aws_sqs_queue_policy: setting,

  aws_lb_listener: setting,
  aws_lb_listener_rule: setting,
  aws_lb_target_group: setting,
  aws_lb_target_group_attachment: setting,
  aws_cloudfront_vpc_origin: 'no charge beyond that of the load balancer',
  aws_cloudfront_origin_access_control: setting,
  aws_cloudfront_cache_policy: setting,
  aws_cloudfront_origin_request_policy: setting,
  aws_cloudfront_response_headers_policy: setting,
  aws_acm_certificate: 'public certificates for CloudFront are free',
  aws_acm_certificate_validation: 'public certificates for CloudFront are free',
  aws_route53_record: 'charged with the zone; aliases to CloudFront are free',

  aws_db_parameter_group: setting,
  aws_db_subnet_group: setting,
  aws_db_event_subscription: notice,
  aws_elasticache_parameter_group: setting,
  aws_elasticache_subnet_group: setting,
  aws_elasticache_user: setting,
  aws_elasticache_user_group: setting,
  aws_elasticache_user_group_association: setting,
  aws_s3_bucket: use,
  aws_s3_bucket_public_access_block: setting,
  aws_s3_bucket_policy: setting,
  aws_s3_bucket_server_side_encryption_configuration: setting,
  aws_s3_bucket_versioning: setting,
  aws_s3_bucket_lifecycle_configuration: setting,
  aws_s3_bucket_ownership_controls: setting,
  aws_s3_bucket_logging: setting,
  aws_s3_bucket_notification: setting,
  aws_s3_bucket_cors_configuration: setting,
  aws_s3_object: use,
  aws_secretsmanager_secret_version: setting,
  aws_secretsmanager_secret_rotation: setting,
  aws_kms_alias: setting,
  aws_backup_vault: 'what is in it is priced with the plan',
  aws_backup_selection: setting,
  aws_bedrock_model_invocation_logging_configuration: 'its files are in the gigabytes of S3',

  aws_cloudwatch_log_group: use,
  aws_cloudwatch_log_resource_policy: setting,
  aws_cloudwatch_log_delivery: 'to S3 for nothing; the files are in the gigabytes of S3',
  aws_cloudwatch_log_delivery_source: setting,
  aws_cloudwatch_log_delivery_destination_policy: setting,
  aws_cloudwatch_event_rule: notice,
  aws_cloudwatch_event_target: notice,
  aws_sns_topic_policy: setting,
  aws_sns_topic_subscription: notice,
  aws_budgets_budget: 'budgets without actions are free',
  aws_ce_anomaly_monitor: 'free',
  aws_ce_anomaly_subscription: 'free',

  aws_codestarconnections_connection: 'free',
  aws_codeconnections_connection: 'free',
}
