import { z } from 'zod'
import type { Usage } from '../llm.ts'
import { CALL_KEY } from './metadata.ts'

/** What the vendor counted for one attempt of ours. */
export interface InvocationRecord {
  /** The attempt, as the ledger names it. */
  callId: string
  usage: Usage
  /** As it was called; an inference profile by its ARN. */
  modelId: string
  timestamp: Date
}

const Count = z.int().nonnegative().default(0)
const LogLine = z.object({
  schemaType: z.literal('ModelInvocationLog'),
  timestamp: z.iso.datetime({ offset: true }),
  modelId: z.string(),
  input: z
    .object({ inputTokenCount: Count, cacheReadInputTokenCount: Count, cacheWriteInputTokenCount: Count })
    .prefault({}),
  output: z.object({ outputTokenCount: Count, outputBodyJson: z.unknown().optional() }).prefault({}),
  requestMetadata: z.record(z.string(), z.string()),
})

/**
 * One file of Bedrock's model invocation log, unpacked: a JSON object in each line. Records without our metadata are others'
 * calls and left out; one that failed has no counts and cost nothing.
 * Format: Amazon Bedrock user guide, "Monitor model invocation using CloudWatch Logs and Amazon S3".
 * @throws Error that names the line when it is no JSON, or is about a call of ours in a form that is not known
 */
export function readInvocationLog(lines: string): InvocationRecord[] {
  return lines.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return []
    const data = parseLine(line, i + 1)
    if (!isOurs(data)) return []
    const parsed = LogLine.safeParse(data)
    if (!parsed.success) throw new Error(`Line ${i + 1} of the invocation log: ${z.prettifyError(parsed.error)}`)
    const { modelId, timestamp, requestMetadata, input, output } = parsed.data
    const forAnHour = hourTokensOf(output.outputBodyJson)
    const usage: Usage = {
      inputTokens: input.inputTokenCount,
      outputTokens: output.outputTokenCount,
      cacheReadTokens: input.cacheReadInputTokenCount,
      cacheWriteTokens: input.cacheWriteInputTokenCount,
      ...(forAnHour === undefined ? {} : { cacheWrite1hTokens: forAnHour }),
    }
    return [{ callId: requestMetadata[CALL_KEY]!, usage, modelId, timestamp: new Date(timestamp) }]
  })
}

function parseLine(line: string, number: number): unknown {
  try {
    return JSON.parse(line)
  } catch (cause) {
    throw new Error(`Line ${number} of the invocation log is not JSON (${line.length} characters).`, { cause })
  }
}

const isOurs = (data: unknown): boolean =>
  z.object({ requestMetadata: z.object({ [CALL_KEY]: z.string() }) }).safeParse(data).success

const Body = z.object({
  usage: z.object({ cacheDetails: z.array(z.object({ ttl: z.string(), inputTokens: z.int().nonnegative() })) }),
})

/** For how long the cache is kept is told in the answer's body alone, and not every log keeps bodies. */
const hourTokensOf = (body: unknown): number | undefined =>
  Body.safeParse(body).data?.usage.cacheDetails.find(({ ttl }) => ttl === '1h')?.inputTokens
