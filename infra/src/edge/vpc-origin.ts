import { CloudfrontVpcOrigin, DataAwsSsmParameter, SsmParameter, type TerraformStack } from '../aws.ts'
import type { Plan } from '../environment.ts'
import type { LoadBalancing } from '../parts.ts'

const parameterName = (environment: string): string => `/dayshift/${environment}/vpc-origin`

/** CloudFront's way to the internal load balancer. A lodger, who shares the load balancer, also shares the way to it. */
export function createVpcOrigin(stack: TerraformStack, plan: Plan, { loadBalancerArn }: LoadBalancing): string {
  if (plan.lodgesWith !== undefined)
    return new DataAwsSsmParameter(stack, 'vpc-origin', { name: parameterName(plan.lodgesWith) }).insecureValue
  const name = `dayshift-${plan.name}`
  const origin = new CloudfrontVpcOrigin(stack, 'vpc-origin', {
    vpcOriginEndpointConfig: [
      {
        name,
        arn: loadBalancerArn,
        httpPort: 80,
        httpsPort: 443,
        originProtocolPolicy: 'http-only',
        // Asked for, although nothing uses it with plain HTTP.
        originSslProtocols: [{ items: ['TLSv1.2'], quantity: 1 }],
      },
    ],
    tags: { Name: name },
    // CloudFront may take longer than the provider's 15 minutes.
    timeouts: { create: '30m', update: '30m' },
  })
  new SsmParameter(stack, 'vpc-origin-parameter', {
    name: parameterName(plan.name),
    description: 'VPC origin of CloudFront, for environments that lodge here',
    type: 'String',
    insecureValue: origin.id,
    tags: { Name: name },
  })
  return origin.id
}
