import type { Readable } from 'node:stream'
import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime'
import type { BedrockRuntimeClientConfig } from '@aws-sdk/client-bedrock-runtime'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { LlmAnswerInvalid } from '../errors.ts'
import { createTextReader } from './short-texts.ts'

export interface ClientOptions {
  region: string
  /** Instead of AWS's own, for a private endpoint or a test. */
  endpoint?: string | undefined
  /** Instead of the SDK's own search for them. */
  credentials?: BedrockRuntimeClientConfig['credentials']
  connectTimeoutMs?: number
}

/** What is read of an HTTP answer before the SDK parses its body; header names are in lower case. */
export interface HttpAnswer {
  statusCode: number
  headers: Record<string, string>
  body: Readable
}

const MAX_SOCKETS = 1_024
const EVENT_STREAM = 'application/vnd.amazon.eventstream'

/** The SDK's client with one attempt for each call: retries are the gateway's alone. */
export function createClient({ region, endpoint, credentials, connectTimeoutMs = 5_000 }: ClientOptions) {
  const sockets = { keepAlive: true, maxSockets: MAX_SOCKETS }
  const client = new BedrockRuntimeClient({
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
    maxAttempts: 1,
    utf8Encoder: createTextReader(),
    // HTTP/1.1: the SDK's default here is HTTP/2, where one broken connection takes all streams with it.
    requestHandler: new NodeHttpHandler({
      connectionTimeout: connectTimeoutMs,
      httpAgent: sockets,
      httpsAgent: sockets,
    }),
  })
  // The parser of event streams takes anything for one and waits for more of it.
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const result = await next(args)
        const expected = commandName === 'ConverseStreamCommand' ? EVENT_STREAM : 'application/json'
        checkContentType(result.response as HttpAnswer, expected)
        return result
      },
    { step: 'deserialize', priority: 'low', name: 'checkContentType' },
  )
  return client
}

function checkContentType({ statusCode, headers, body }: HttpAnswer, expected: string): void {
  const type = headers['content-type'] ?? 'no content type'
  if (statusCode >= 300 || type.startsWith(expected)) return
  body.destroy()
  throw new LlmAnswerInvalid(
    `Bedrock, or what stands before it, answered with ${type} where ${expected} was expected.`,
    {
      spent: 'unknown',
    },
  )
}
