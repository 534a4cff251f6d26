import { between, type Checks, eitherOf, exactlyOne, matches, name, needs, oneOf } from './kinds.ts'

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html and API_IpRange.html
const groupText = matches(
  /^[A-Za-z0-9 ._\-:/()#,@[\]+=&;{}!$*]{0,255}$/,
  'at most 255 letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*',
)
const groupName = matches(
  /^(?!sg-)[A-Za-z0-9 ._\-:/()#,@[\]+=&;{}!$*]{1,255}$/,
  'at most 255 letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*, not beginning with sg-',
)
const rule = {
  arguments: {
    description: groupText,
    ip_protocol: eitherOf(
      oneOf('tcp', 'udp', 'icmp', 'icmpv6', 'all', '-1'),
      matches(/^\d{1,3}$/, 'a protocol number'),
    ),
    from_port: between(-1, 65_535),
    to_port: between(-1, 65_535),
  },
}
const ruleTarget = exactlyOne('cidr_ipv4', 'cidr_ipv6', 'prefix_list_id', 'referenced_security_group_id')

/** Arguments of EC2's API: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/ */
export const network: Checks = {
  aws_vpc: { arguments: { instance_tenancy: oneOf('default', 'dedicated') } },
  aws_vpc_endpoint: {
    arguments: {
      vpc_endpoint_type: oneOf('Gateway', 'Interface', 'GatewayLoadBalancer', 'Resource', 'ServiceNetwork'),
      ip_address_type: oneOf('ipv4', 'dualstack', 'ipv6'),
    },
  },
  aws_flow_log: {
    arguments: {
      traffic_type: oneOf('ACCEPT', 'REJECT', 'ALL'),
      log_destination_type: oneOf('cloud-watch-logs', 's3', 'kinesis-data-firehose'),
      max_aggregation_interval: oneOf(60, 600),
      'destination_options.file_format': oneOf('plain-text', 'parquet'),
    },
    relations: [exactlyOne('eni_id', 'subnet_id', 'transit_gateway_attachment_id', 'transit_gateway_id', 'vpc_id')],
  },
  aws_security_group: { arguments: { name: groupName, description: groupText } },
  aws_vpc_security_group_ingress_rule: { ...rule, relations: [ruleTarget] },
  aws_vpc_security_group_egress_rule: { ...rule, relations: [ruleTarget] },
  aws_nat_gateway: { arguments: { connectivity_type: oneOf('public', 'private') } },
  aws_eip: { arguments: { domain: oneOf('vpc', 'standard') } },
  aws_launch_template: {
    arguments: {
      name: name(128, '()./_\\-', 3),
      'metadata_options.http_tokens': oneOf('optional', 'required'),
      'metadata_options.http_endpoint': oneOf('enabled', 'disabled'),
      'metadata_options.http_put_response_hop_limit': between(1, 64),
    },
  },
  aws_autoscaling_group: { arguments: { health_check_type: oneOf('EC2', 'ELB', 'EBS', 'VPC_LATTICE') } },
  aws_iam_role: {
    arguments: { name: name(64, '+=,.@_-'), max_session_duration: between(3600, 43_200) },
  },
  aws_iam_policy: { arguments: { name: name(128, '+=,.@_-') } },
  aws_iam_role_policy: { arguments: { name: name(128, '+=,.@_-') } },
  aws_iam_instance_profile: { arguments: { name: name(128, '+=,.@_-') } },
  aws_kms_key: {
    arguments: { deletion_window_in_days: between(7, 30), rotation_period_in_days: between(90, 2560) },
    relations: [needs('rotation_period_in_days', 'enable_key_rotation')],
  },
  aws_kms_alias: { arguments: { name: matches(/^alias\/[A-Za-z0-9:/_-]{1,250}$/, 'alias/ and a name') } },
}
