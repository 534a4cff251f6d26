import { CloudwatchLogDelivery, CloudwatchLogDeliveryDestination, CloudwatchLogDeliverySource } from '../aws.ts'
import type { TerraformStack } from '../aws.ts'
import type { Plan } from '../environment.ts'
import type { Bucket } from '../parts.ts'

/** Without queries, cookies and referrers: a link to an object carries its signature in the query. */
const fields = [
  'date',
  'time',
  'x-edge-location',
  'c-ip',
  'cs-method',
  'cs-protocol',
  'cs-protocol-version',
  'x-host-header',
  'cs-uri-stem',
  'cs(User-Agent)',
  'cs-bytes',
  'sc-status',
  'sc-bytes',
  'sc-content-type',
  'time-taken',
  'time-to-first-byte',
  'x-edge-request-id',
  'x-edge-result-type',
  'x-edge-response-result-type',
  'x-edge-detailed-result-type',
  'ssl-protocol',
  'ssl-cipher',
]

/**
 * CloudFront's standard logging (v2) into the logs bucket, which has no access lists, as the older logging needs them. In us-east-1,
 * where CloudFront's deliveries are. Costs nothing but the storage.
 */
export function createAccessLog(
  stack: TerraformStack,
  plan: Plan,
  { distributionArn, logs }: { distributionArn: string; logs: Bucket },
): void {
  const region = 'us-east-1'
  const name = `dayshift-${plan.name}-cloudfront`
  const source = new CloudwatchLogDeliverySource(stack, 'access-log-source', {
    region,
    name,
    logType: 'ACCESS_LOGS',
    resourceArn: distributionArn,
    tags: { Name: name },
  })
  const destination = new CloudwatchLogDeliveryDestination(stack, 'access-log-destination', {
    region,
    name,
    outputFormat: 'w3c',
    deliveryDestinationConfiguration: [{ destinationResourceArn: logs.arn }],
    tags: { Name: name },
  })
  new CloudwatchLogDelivery(stack, 'access-log', {
    region,
    deliverySourceName: source.name,
    deliveryDestinationArn: destination.arn,
    recordFields: fields,
    tags: { Name: name },
  })
}
