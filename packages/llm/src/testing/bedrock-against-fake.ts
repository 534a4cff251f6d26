import { createBedrockLlm } from '../bedrock/bedrock.ts'
import type { BedrockLlm, BedrockOptions } from '../bedrock/bedrock.ts'
import type { TextRequest } from '../llm.ts'
import type { FakeBedrock } from './fake-bedrock.ts'

/** The Bedrock provider with the real AWS SDK, speaking to the fake server, with short pauses and a fixed day. */
export const bedrockAgainst = (fake: FakeBedrock, options: Partial<BedrockOptions> = {}): BedrockLlm =>
  createBedrockLlm({
    region: 'us-east-1',
    modelId: 'amazon.nova-lite-v1:0',
    endpoint: fake.url,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    retries: { attempts: 3, baseMs: 1, maxMs: 2_000 },
    clock: () => new Date('2026-11-21T00:00:00Z'),
    ...options,
  })

/** A plain question. */
export const ask = (more: Partial<TextRequest> = {}): TextRequest => ({
  feature: 'article.summary',
  messages: [{ role: 'user', content: [{ type: 'text', text: 'What happened?' }] }],
  ...more,
})
