import { createBedrockProvider } from '../bedrock/bedrock.ts'
import type { BedrockOptions } from '../bedrock/bedrock.ts'
import type { TextRequest } from '../llm.ts'
import type { Piece, Provider, Reply } from '../provider.ts'
import { startFakeBedrock } from './fake-bedrock.ts'
import type { FakeBedrock, FakeBedrockOptions } from './fake-bedrock.ts'

/** The Bedrock provider with the real AWS SDK, speaking to the fake server, on a fixed day. */
export const bedrockAgainst = (fake: Pick<FakeBedrock, 'url'>, options: Partial<BedrockOptions> = {}): Provider =>
  createBedrockProvider({
    region: 'us-east-1',
    modelId: 'amazon.nova-lite-v1:0',
    endpoint: fake.url,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    clock: () => new Date('2026-11-21T00:00:00Z'),
    ...options,
  })

export interface AgainstFake {
  fake: FakeBedrock
  provider: Provider
  complete(request: TextRequest<unknown>, signal?: AbortSignal): Promise<Reply>
  stream(request: TextRequest<unknown>, signal?: AbortSignal): AsyncIterable<Piece>
  close(): Promise<void>
}

/** Both, with the calls of one attempt named `call-1`. */
export async function startAgainstFake(
  options: Partial<BedrockOptions> = {},
  fakeOptions: FakeBedrockOptions = {},
): Promise<AgainstFake> {
  const fake = await startFakeBedrock(fakeOptions)
  const provider = bedrockAgainst(fake, options)
  const targetOf = (request: TextRequest<unknown>) => provider.resolve(request.model, 'text')
  return {
    fake,
    provider,
    complete: async (request, signal) => provider.complete(request, targetOf(request), { callId: 'call-1', signal }),
    stream: (request, signal) => provider.stream(request, targetOf(request), { callId: 'call-1', signal }),
    close: async () => {
      provider.close()
      await fake.close()
    },
  }
}

/** A plain question. */
export const ask = (more: Partial<TextRequest<unknown>> = {}): TextRequest => ({
  feature: 'article.summary',
  messages: [{ role: 'user', content: [{ type: 'text', text: 'What happened?' }] }],
  ...(more as Partial<TextRequest>),
})
