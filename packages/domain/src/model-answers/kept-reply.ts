import { z } from 'zod'

const Bytes = z.codec(z.base64(), z.instanceof(Uint8Array), {
  decode: (text) => new Uint8Array(Buffer.from(text, 'base64')),
  encode: (bytes) => Buffer.from(bytes).toString('base64'),
})

const Part = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({
    type: z.literal('thinking'),
    text: z.string(),
    signature: z.string().optional(),
    redacted: Bytes.optional(),
  }),
  z.object({ type: z.literal('toolUse'), id: z.string(), name: z.string(), input: z.unknown() }),
])

const Usage = z.object({
  inputTokens: z.number(),
  outputTokens: z.number(),
  cacheReadTokens: z.number(),
  cacheWriteTokens: z.number(),
  cacheWrite1hTokens: z.number().optional(),
})

/** A reply as it is kept, in JSON: what a model says is text, thoughts and wishes to call tools; their bytes are base64. */
export const KeptReply = z.object({
  message: z.object({ role: z.enum(['user', 'assistant']), content: z.array(Part) }),
  stopReason: z.enum([
    'end',
    'max-tokens',
    'tool-use',
    'stop-sequence',
    'content-filtered',
    'guardrail',
    'context-exceeded',
    'malformed',
    'other',
  ]),
  usage: Usage.optional(),
  warnings: z.array(z.string()),
})
