import { BedrockRuntimeClient, ConverseStreamCommand } from '@aws-sdk/client-bedrock-runtime'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { MAX_TOKENS, MODEL, TEXT } from './question.ts'
import { timed } from './side.ts'
import type { Side } from './side.ts'

export const REGION = 'us-east-1'
export const CREDENTIALS = { accessKeyId: 'bench', secretAccessKey: 'bench' }

/** The reference: the AWS SDK alone, over HTTP/1.1 with as many sockets as ours. */
export function createBare(url: string): Side {
  const sockets = { keepAlive: true, maxSockets: 1_024 }
  const client = new BedrockRuntimeClient({
    region: REGION,
    endpoint: url,
    credentials: CREDENTIALS,
    requestHandler: new NodeHttpHandler({ httpAgent: sockets, httpsAgent: sockets }),
  })
  async function* texts(): AsyncGenerator<string> {
    const { stream } = await client.send(
      new ConverseStreamCommand({
        modelId: MODEL,
        messages: [{ role: 'user', content: [{ text: TEXT }] }],
        inferenceConfig: { maxTokens: MAX_TOKENS, temperature: 0.2 },
      }),
    )
    let ended = false
    for await (const { contentBlockDelta, messageStop } of stream ?? []) {
      const text = contentBlockDelta?.delta?.text
      if (text) yield text
      if (messageStop) ended = true
    }
    if (!ended) throw new Error('The stream was cut.')
  }
  return {
    stream: (hooks) => timed(texts(), hooks),
    close: async () => client.destroy(),
  }
}
