import type { BatchRequest } from '../../batch.ts'
import { LlmRefusedRequest } from '../../errors.ts'
import type { TextRequest } from '../../llm.ts'
import type { Target } from '../../provider.ts'
import { toConverse } from '../request.ts'

/** The documentation asked for 11 letters or digits, later for letters and digits, now for any text: this is all of them. */
const RECORD_ID = /^[A-Za-z0-9]{11}$/

/**
 * One line of a job's input: `{"recordId","modelInput"}` with the body of Converse.
 * Format: https://docs.aws.amazon.com/bedrock/latest/userguide/batch-inference-data.html. @throws LlmRefusedRequest
 */
export function toRecord({ recordId, request }: BatchRequest, target: Target): string {
  if (!RECORD_ID.test(recordId)) {
    throw new LlmRefusedRequest(`A record of a batch is named by 11 letters or digits, not "${recordId}".`)
  }
  if (request.tools?.length) throw new LlmRefusedRequest(`Record ${recordId}: a batch takes no tools.`)
  const { input } = toConverse(withoutCachePoints(request), withoutForcedTool(target))
  const { messages, system, inferenceConfig, outputConfig, additionalModelRequestFields } = input
  const modelInput = { messages, system, inferenceConfig, outputConfig, additionalModelRequestFields }
  return `${JSON.stringify({ recordId, modelInput }, base64)}\n`
}

// The records of a job are worked on in any order and by themselves, so that there is no cache to count on.
const withoutCachePoints = (request: TextRequest<unknown>): TextRequest<unknown> => ({
  ...request,
  cachePoints: undefined,
  messages: request.messages.map(({ role, content }) => ({
    role,
    content: content.filter(({ type }) => type !== 'cachePoint'),
  })),
})

/** Records with a `toolConfig` fail with 400 (batch-inference.html), so JSON must be asked for by another way. */
function withoutForcedTool(target: Target): Target {
  if (target.model?.kind !== 'text') return target
  const capabilities = { ...target.model.capabilities, forcedToolChoice: false }
  return { ...target, model: { ...target.model, capabilities } }
}

/** Bytes as Converse has them in JSON. `this` is read because `toJSON` of a Buffer was applied to the value already. */
function base64(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const given = this[key]
  return given instanceof Uint8Array ? Buffer.from(given).toString('base64') : value
}
