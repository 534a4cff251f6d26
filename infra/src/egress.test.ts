import { describe, expect, test } from 'vitest'
import { foundation } from './testing/foundation.ts'

describe('a NAT gateway', () => {
  const json = foundation('production', 'economy', { egress: 'nat-gateway' })

  test('stands in a public subnet with an address', () => {
    expect(Object.values(json.all('aws_nat_gateway'))).toMatchObject([
      { subnet_id: '${aws_subnet.subnet-public-1.id}', allocation_id: '${aws_eip.nat-address-1.id}' },
    ])
  })

  test('is the way out of the private subnets of both zones', () => {
    expect(json.get('aws_subnet', 'subnet-private-1').cidr_block).toBe('10.20.32.0/20')
    expect(json.get('aws_subnet', 'subnet-private-2').cidr_block).toBe('10.20.48.0/20')
    for (const zone of [1, 2])
      expect(json.get('aws_route', `route-private-${zone}`)).toMatchObject({
        route_table_id: `\${aws_route_table.routes-private-${zone}.id}`,
        destination_cidr_block: '0.0.0.0/0',
        nat_gateway_id: '${aws_nat_gateway.nat-gateway-1.id}',
      })
  })

  test('stands in each zone where there is two of everything', () => {
    const ha = foundation('production', 'ha', { egress: 'nat-gateway' })
    expect(Object.values(ha.all('aws_nat_gateway')).map((gateway) => gateway.subnet_id)).toEqual([
      '${aws_subnet.subnet-public-1.id}',
      '${aws_subnet.subnet-public-2.id}',
    ])
    expect(ha.get('aws_route', 'route-private-2').nat_gateway_id).toBe('${aws_nat_gateway.nat-gateway-2.id}')
  })
})

describe('a NAT instance', () => {
  const json = foundation('production', 'economy', { egress: 'nat-instance' })
  const template = json.get('aws_launch_template', 'nat-template')

  test('passes on what it is sent, by an interface that outlives it', () => {
    expect(json.get('aws_network_interface', 'nat-interface')).toMatchObject({
      source_dest_check: false,
      subnet_id: '${aws_subnet.subnet-public-1.id}',
    })
    expect(template.network_interfaces).toEqual([
      { device_index: 0, network_interface_id: '${aws_network_interface.nat-interface.id}' },
    ])
    expect(json.get('aws_eip', 'nat-address').network_interface).toBe('${aws_network_interface.nat-interface.id}')
    for (const zone of [1, 2])
      expect(json.get('aws_route', `route-private-${zone}`).network_interface_id).toBe(
        '${aws_network_interface.nat-interface.id}',
      )
  })

  test('is the smallest ARM machine, with the newest image, sealed metadata and an encrypted disk', () => {
    expect(template).toMatchObject({
      instance_type: 't4g.nano',
      image_id: 'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-minimal-kernel-default-arm64',
      metadata_options: { http_tokens: 'required' },
      block_device_mappings: [{ ebs: { encrypted: 'true', volume_size: 8 } }],
    })
  })

  test('is put back by a group of one, the old machine going first', () => {
    expect(json.get('aws_autoscaling_group', 'nat-group')).toMatchObject({
      min_size: 1,
      max_size: 1,
      max_instance_lifetime: 30 * 24 * 3600,
      instance_maintenance_policy: { min_healthy_percentage: 0, max_healthy_percentage: 100 },
      availability_zones: ['${element(data.aws_availability_zones.zones.names, 0)}'],
    })
  })

  test('lets in the private subnets and nobody else', () => {
    const rules = Object.values(json.all('aws_vpc_security_group_ingress_rule')).filter(
      (rule) => rule.security_group_id === '${aws_security_group.group-nat.id}',
    )
    expect(rules.map((rule) => [rule.cidr_ipv4, rule.from_port])).toEqual([
      ['10.20.32.0/20', 443],
      ['10.20.48.0/20', 443],
      ['10.20.32.0/20', 80],
      ['10.20.48.0/20', 80],
    ])
  })

  test('is not in the way of its own package manager', () => {
    // The gateway to S3 lets only our buckets through, and Amazon Linux keeps its packages in one of its own.
    expect(json.get('aws_vpc_endpoint', 'endpoint-s3').route_table_ids).toEqual([
      '${aws_route_table.routes-private-1.id}',
      '${aws_route_table.routes-private-2.id}',
    ])
  })
})
