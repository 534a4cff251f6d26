import { AcmCertificate, AcmCertificateValidation, type CloudfrontDistribution, Route53Record } from '../aws.ts'
import type { TerraformStack } from '../aws.ts'
import type { Plan } from '../environment.ts'

type Domain = NonNullable<Plan['domain']>
/** Where CloudFront looks for certificates. */
const region = 'us-east-1'

/**
 * ARN of the domain's certificate: the given one, or a new one that its zone proves.
 * @throws Error when there is neither a certificate nor a zone
 */
export function createCertificate(stack: TerraformStack, { name, zoneId, certificateArn }: Domain): string {
  if (certificateArn !== undefined) return certificateArn
  if (zoneId === undefined)
    throw new Error(`The domain ${name} has no certificate: expected its certificateArn (in ${region}), or its zoneId.`)
  const certificate = new AcmCertificate(stack, 'certificate', {
    region,
    domainName: name,
    validationMethod: 'DNS',
    lifecycle: { createBeforeDestroy: true },
    tags: { Name: name },
  })
  const proof = certificate.domainValidationOptions.get(0)
  const record = new Route53Record(stack, 'certificate-proof', {
    zoneId,
    name: proof.resourceRecordName,
    type: proof.resourceRecordType,
    records: [proof.resourceRecordValue],
    ttl: 300,
  })
  return new AcmCertificateValidation(stack, 'certificate-validation', {
    region,
    certificateArn: certificate.arn,
    validationRecordFqdns: [record.fqdn],
  }).certificateArn
}

/** The domain's records, where its zone is ours to write. */
export function createAddress(
  stack: TerraformStack,
  { name, zoneId }: Domain,
  distribution: CloudfrontDistribution,
): void {
  if (zoneId === undefined) return
  for (const type of ['A', 'AAAA']) {
    new Route53Record(stack, `address-${type.toLowerCase()}`, {
      zoneId,
      name,
      type,
      alias: { name: distribution.domainName, zoneId: distribution.hostedZoneId, evaluateTargetHealth: false },
    })
  }
}
