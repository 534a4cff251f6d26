import { BedrockModelInvocationLoggingConfiguration, type TerraformStack } from '../aws.ts'
import type { Bucket } from '../parts.ts'

/**
 * Bedrock's log of all calls of the account in this region: who, when, which model, how many tokens. What was asked and answered
 * stays out of it. The bucket's root is where the reconciliation looks for `AWSLogs/`.
 */
export function createInvocationLog(stack: TerraformStack, logs: Bucket): void {
  new BedrockModelInvocationLoggingConfiguration(stack, 'invocation-log', {
    loggingConfig: [
      {
        s3Config: [{ bucketName: logs.name }],
        textDataDeliveryEnabled: false,
        imageDataDeliveryEnabled: false,
        embeddingDataDeliveryEnabled: false,
        videoDataDeliveryEnabled: false,
      },
    ],
  })
}
