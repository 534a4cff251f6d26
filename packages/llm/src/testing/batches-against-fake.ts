import type { BatchModels } from '../batch.ts'
import { createBedrockBatches } from '../bedrock/batch/index.ts'
import type { BedrockBatchOptions } from '../bedrock/batch/index.ts'
import type { FakeBatch } from './fake-batch.ts'

/** Batches of Bedrock with the real AWS SDK, speaking to the fake server, on a fixed day. */
export const batchesAgainst = (
  fake: Pick<FakeBatch, 'url'>,
  options: Pick<BedrockBatchOptions, 'objects'> & Partial<BedrockBatchOptions>,
): BatchModels =>
  createBedrockBatches({
    region: 'us-east-1',
    modelId: 'amazon.nova-lite-v1:0',
    roleArn: 'arn:aws:iam::123456789012:role/batches',
    bucket: 'reports',
    endpoint: fake.url,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    minRecords: 3,
    clock: () => new Date('2026-11-21T00:00:00Z'),
    ...options,
  })
