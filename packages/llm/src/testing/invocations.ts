import type { FakeUsage } from './fake-answers.ts'

/** One record of Bedrock's model invocation log, without the bodies. Format: user guide, "Monitor model invocation". */
export interface InvocationRecord {
  schemaType: 'ModelInvocationLog'
  schemaVersion: '1.0'
  timestamp: string
  accountId: string
  identity: { arn: string }
  region: string
  requestId: string
  operation: string
  modelId: string
  input: {
    inputContentType: 'application/json'
    inputTokenCount: number
    cacheReadInputTokenCount?: number
    cacheWriteInputTokenCount?: number
  }
  output: { outputContentType: 'application/json'; outputTokenCount: number; outputBodyJson?: unknown }
  requestMetadata?: Record<string, string>
}

/** Micro-dollars for a million tokens, which are whole numbers in AWS's lists: $0.0175 is 17,500. */
export interface FakePrice {
  input: number
  output: number
  cacheRead?: number
  cacheWrite?: number
  cacheWrite1h?: number
}

interface Worked {
  operation: string
  modelId: string
  usage: FakeUsage
  requestMetadata: Record<string, string> | undefined
  requestId: string
}

const ACCOUNT = '123456789012'
const REGION = 'us-east-1'
const CONTENT_TYPE = 'application/json'
const OPERATIONS: Record<string, string> = {
  converse: 'Converse',
  'converse-stream': 'ConverseStream',
  invoke: 'InvokeModel',
}

export function toRecord({ operation, modelId, usage, requestMetadata, requestId }: Worked): InvocationRecord {
  const { inputTokens, outputTokens, cacheReadInputTokens, cacheWriteInputTokens, cacheDetails } = usage
  return {
    schemaType: 'ModelInvocationLog',
    schemaVersion: '1.0',
    timestamp: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
    accountId: ACCOUNT,
    identity: { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/dayshift/session` },
    region: REGION,
    requestId,
    operation: OPERATIONS[operation] ?? operation,
    modelId: logged(modelId),
    input: {
      inputContentType: CONTENT_TYPE,
      inputTokenCount: inputTokens,
      ...(cacheReadInputTokens === undefined ? {} : { cacheReadInputTokenCount: cacheReadInputTokens }),
      ...(cacheWriteInputTokens === undefined ? {} : { cacheWriteInputTokenCount: cacheWriteInputTokens }),
    },
    output: {
      outputContentType: CONTENT_TYPE,
      outputTokenCount: outputTokens,
      // For how long the cache is kept is told in the body alone.
      ...(cacheDetails ? { outputBodyJson: { usage: { cacheDetails } } } : {}),
    },
    ...(requestMetadata ? { requestMetadata } : {}),
  }
}

/** An inference profile is logged by its ARN. */
const logged = (id: string): string =>
  /^(us|eu|apac|jp|au|ca|global)\./.test(id) ? `arn:aws:bedrock:${REGION}:${ACCOUNT}:inference-profile/${id}` : id

/**
 * What all records cost together, in US dollars, summed in whole numbers. @param prices by what was sent as the model id
 * @throws Error when a price that is needed is missing
 */
export function billOf(records: InvocationRecord[], prices: Record<string, FakePrice>): number {
  let picoUsd = 0n
  for (const { modelId, input, output } of records) {
    const price = prices[modelId.split('/').at(-1)!]
    const hour = hourOf(output.outputBodyJson)
    const parts: [tokens: number, usd: number | undefined][] = [
      [input.inputTokenCount, price?.input],
      [output.outputTokenCount, price?.output],
      [input.cacheReadInputTokenCount ?? 0, price?.cacheRead],
      [(input.cacheWriteInputTokenCount ?? 0) - hour, price?.cacheWrite],
      [hour, price?.cacheWrite1h],
    ]
    for (const [tokens, microUsdPerMillion] of parts) {
      if (tokens === 0) continue
      if (microUsdPerMillion === undefined) throw new Error(`The bill needs a price of ${modelId} that was not given.`)
      picoUsd += BigInt(tokens) * BigInt(microUsdPerMillion)
    }
  }
  return Number(picoUsd) / 1e12
}

function hourOf(body: unknown): number {
  const usage = (body as { usage?: FakeUsage } | undefined)?.usage
  return usage?.cacheDetails?.find(({ ttl }) => ttl === '1h')?.inputTokens ?? 0
}
