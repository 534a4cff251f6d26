import { z } from 'zod'

// Lengths and patterns are those of the API reference; unknown fields are refused, as AWS does.
const Base64 = z.base64().min(1)
const Text = z.string().refine((text) => text.trim() !== '', 'The text field in the ContentBlock object is blank.')
const CachePoint = z.strictObject({
  cachePoint: z.strictObject({ type: z.literal('default'), ttl: z.enum(['5m', '1h']).optional() }),
})
export type CachePoint = z.output<typeof CachePoint>

const Block = z.union([
  z.strictObject({ text: Text }),
  z.strictObject({
    image: z.strictObject({
      format: z.enum(['png', 'jpeg', 'gif', 'webp']),
      source: z.strictObject({ bytes: Base64 }),
    }),
  }),
  z.strictObject({
    document: z.strictObject({
      format: z.enum(['pdf', 'csv', 'doc', 'docx', 'xls', 'xlsx', 'html', 'txt', 'md']),
      // Letters, digits, single white space, hyphens, parentheses and square brackets.
      name: z.string().regex(/^(?!.*\s\s)[A-Za-z0-9\s\-()[\]]{1,200}$/),
      source: z.strictObject({ bytes: Base64 }),
    }),
  }),
  z.strictObject({
    reasoningContent: z.union([
      z.strictObject({ reasoningText: z.strictObject({ text: z.string(), signature: z.string().min(1) }) }),
      z.strictObject({ redactedContent: Base64 }),
    ]),
  }),
  z.strictObject({
    toolUse: z.strictObject({ toolUseId: z.string().min(1).max(64), name: z.string(), input: z.unknown() }),
  }),
  z.strictObject({
    toolResult: z.strictObject({
      toolUseId: z.string().min(1),
      content: z.array(z.strictObject({ text: z.string() })),
      status: z.enum(['success', 'error']).optional(),
    }),
  }),
  CachePoint,
])

const ToolName = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/)
const ToolConfig = z.strictObject({
  tools: z
    .array(
      z.union([
        z.strictObject({
          toolSpec: z.strictObject({
            name: ToolName,
            description: z.string().min(1),
            inputSchema: z.strictObject({ json: z.looseObject({ type: z.literal('object') }) }),
          }),
        }),
        CachePoint,
      ]),
    )
    .min(1),
  toolChoice: z
    .union([
      z.strictObject({ auto: z.strictObject({}) }),
      z.strictObject({ any: z.strictObject({}) }),
      z.strictObject({ tool: z.strictObject({ name: ToolName }) }),
    ])
    .optional(),
})

export const Conversation = z.strictObject({
  messages: z.array(z.strictObject({ role: z.enum(['user', 'assistant']), content: z.array(Block).min(1) })).min(1),
  system: z.array(z.union([z.strictObject({ text: Text }), CachePoint])).optional(),
  toolConfig: ToolConfig.optional(),
})

/** At most 16 pairs of these characters; also of the header of InvokeModel. */
export const RequestMetadata = z
  .record(z.string().regex(/^[a-zA-Z0-9\s:_@$#=/+,.-]{1,256}$/), z.string().regex(/^[a-zA-Z0-9\s:_@$#=/+,.-]{0,256}$/))
  .refine((pairs) => Object.keys(pairs).length <= 16, 'Member must have length less than or equal to 16')

const Guardrail = z.strictObject({
  guardrailIdentifier: z
    .string()
    .regex(/^([a-z0-9]+|arn:aws(-[^:]+)?:bedrock:[a-z0-9-]{1,20}:[0-9]{12}:guardrail\/[a-z0-9]+)$/),
  guardrailVersion: z.string().regex(/^([1-9][0-9]{0,7}|DRAFT)$/),
  trace: z.enum(['enabled', 'disabled', 'enabled_full']).optional(),
})

export const ConverseBody = Conversation.extend({
  inferenceConfig: z.strictObject({
    maxTokens: z.int().positive(),
    temperature: z.number().min(0).max(1).optional(),
    topP: z.number().min(0).max(1).optional(),
    stopSequences: z.array(z.string().min(1)).max(4).optional(),
  }),
  guardrailConfig: Guardrail.optional(),
  additionalModelRequestFields: z.record(z.string(), z.unknown()).optional(),
  outputConfig: z
    .strictObject({
      textFormat: z
        .strictObject({
          type: z.literal('json_schema'),
          structure: z.strictObject({
            jsonSchema: z.strictObject({
              schema: z.string().min(1),
              name: z.string().min(1).optional(),
              description: z.string().optional(),
            }),
          }),
        })
        .optional(),
      effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).optional(),
    })
    .optional(),
  serviceTier: z.strictObject({ type: z.enum(['default', 'flex', 'priority', 'reserved']) }).optional(),
  requestMetadata: RequestMetadata.optional(),
})
export type ConverseBody = z.output<typeof ConverseBody>

/** A model's own fields, by its family: a key that is not there is "extraneous". */
export const ModelFields: Record<string, z.ZodType> = {
  claude: z.strictObject({
    top_k: z.int().min(0).max(500).optional(),
    thinking: z.strictObject({ type: z.literal('disabled') }).optional(),
  }),
  nova: z.strictObject({ inferenceConfig: z.strictObject({ topK: z.int().min(0).max(128) }).optional() }),
}

const JsonType = z.enum(['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'])
/** What structured output takes of JSON Schema: closed objects, no references, no bounds. Source: user guide. */
export const NativeSchema: z.ZodType = z.lazy(() =>
  z
    .strictObject({
      type: z.union([JsonType, z.array(JsonType)]).optional(),
      title: z.string().optional(),
      description: z.string().optional(),
      enum: z.array(z.unknown()).optional(),
      const: z.unknown().optional(),
      default: z.unknown().optional(),
      format: z
        .enum(['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'uri', 'ipv4', 'ipv6', 'uuid'])
        .optional(),
      properties: z.record(z.string(), NativeSchema).optional(),
      required: z.array(z.string()).optional(),
      additionalProperties: z.literal(false).optional(),
      items: NativeSchema.optional(),
      minItems: z.union([z.literal(0), z.literal(1)]).optional(),
      anyOf: z.array(NativeSchema).optional(),
      allOf: z.array(NativeSchema).optional(),
    })
    .refine(
      ({ type, additionalProperties }) => type !== 'object' || additionalProperties === false,
      "For 'object' type, 'additionalProperties' must be explicitly set to false",
    ),
)
