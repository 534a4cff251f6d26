import type { ListedModel, ModelListing } from '@dayshift/llm'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  createLlm,
  defaultCatalogue,
  findModel,
  type EmbedRequest,
  type Llm,
  type Part,
  type Provider,
  type Reply,
  type TextRequest,
  type Usage,
} from '@dayshift/llm'

/** One answer of the model behind the API. */
export interface Step {
  /** A text is a text part; in a stream every part is one piece. */
  parts?: (string | Part)[]
  stopReason?: Reply['stopReason']
  usage?: Usage
  warnings?: string[]
  /** Thrown after the parts. */
  error?: Error
  /** Before each piece, and before the end. */
  delayMs?: number
}

export interface TestModels {
  llm: Llm
  /** Every attempt that reached the vendor, in order. */
  requests: TextRequest<unknown>[]
  embedRequests: EmbedRequest[]
  /** How many attempts were stopped before they had ended. */
  stopped: () => number
  /** How many pieces were taken from the vendor. */
  pieces: () => number
  /** What the next attempts answer; the last one answers all that follow. */
  script: Step[]
}

export const usageOf = (inputTokens: number, outputTokens: number): Usage => ({
  inputTokens,
  outputTokens,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
})

/** The real gateway before a vendor that follows a script; it asks twice and is billed as Nova Micro. */
export function createTestModels(...script: Step[]): TestModels {
  const requests: TextRequest<unknown>[] = []
  const embedRequests: EmbedRequest[] = []
  let stopped = 0
  let pieces = 0
  const models: Omit<TestModels, 'llm'> = {
    requests,
    embedRequests,
    script,
    stopped: () => stopped,
    pieces: () => pieces,
  }
  const next = (request: TextRequest<unknown>): Step => {
    requests.push(request)
    return (models.script.length > 1 ? models.script.shift() : models.script[0]) ?? {}
  }
  async function* play(step: Step, signal: AbortSignal | undefined) {
    let ended = false
    try {
      const content = (step.parts ?? []).map((part): Part =>
        typeof part === 'string' ? { type: 'text', text: part } : part,
      )
      for (const part of content) {
        await sleep(step.delayMs ?? 0, undefined, { signal })
        pieces += 1
        if (part.type === 'toolUse')
          yield { type: 'tool-call' as const, call: { id: part.id, name: part.name, input: part.input } }
        else if (part.type === 'text' || part.type === 'thinking') yield { type: part.type, text: part.text }
      }
      await sleep(step.delayMs ?? 0, undefined, { signal })
      ended = true
      if (step.error) throw step.error
      const calls = content.some((part) => part.type === 'toolUse')
      const reply: Reply = {
        message: { role: 'assistant', content },
        stopReason: step.stopReason ?? (calls ? 'tool-use' : 'end'),
        usage: step.usage ?? usageOf(1000, 500),
        warnings: step.warnings ?? [],
      }
      yield { type: 'reply' as const, reply }
    } finally {
      if (!ended) stopped += 1
    }
  }
  const provider: Provider = {
    name: 'test',
    resolve: (_name, kind) => ({
      provider: 'test',
      id: `test-${kind}`,
      model: findModel(defaultCatalogue, kind === 'text' ? 'amazon.nova-micro-v1:0' : 'amazon.titan-embed-text-v2:0'),
      scope: 'region',
      warnings: [],
    }),
    complete: async (request, _target, { signal }) => {
      for await (const piece of play(next(request), signal)) if (piece.type === 'reply') return piece.reply
      throw new Error('The script ended without a reply.')
    },
    stream: (request, _target, { signal }) => play(next(request), signal),
    embed: async (request) => {
      embedRequests.push(request)
      const [step] = models.script
      if (step?.error) throw step.error
      return {
        vectors: request.texts.map(vectorOf),
        space: {
          id: 'test',
          provider: 'test',
          model: 'test-embedding',
          dimensions: 768,
          sourceDimensions: 512,
          version: 'v1',
        },
        usage: usageOf(request.texts.length * 10, 0),
        warnings: [],
      }
    },
    textsPerCall: () => 96,
    countTokens: async () => ({ tokens: 1, estimated: true }),
    close: () => undefined,
  }
  return Object.assign(models, {
    llm: createLlm({ providers: [provider], retries: { attempts: 2, baseMs: 1, maxMs: 2 } }),
  })
}

/** 0.6 at the place that the text's length names, 0.8 at the last of the model's own 512, zeros after them. */
function vectorOf(text: string): Float32Array {
  const vector = new Float32Array(768)
  vector[text.length % 100] = 0.6
  vector[511] = 0.8
  return vector
}

const able = { tools: true, images: true, thinking: true }
const listed: ListedModel[] = [
  textModel('llama3.2', able),
  textModel('plain', { tools: false, images: false, thinking: false }),
  textModel('vendor.model-v1:0', able),
  { ...textModel('embedder', able), kind: 'embedding', contextTokens: 8192, embeddingDimensions: 768 },
]

function textModel(name: string, capabilities: ListedModel['capabilities']): ListedModel {
  return {
    name,
    id: `id-of-${name}`,
    family: 'llama',
    kind: 'text',
    provider: 'bedrock',
    contextTokens: 128_000,
    embeddingDimensions: null,
    capabilities,
    modifiedAt: new Date('2026-07-07T00:00:00Z'),
  }
}

export const testListing: ModelListing = {
  list: () => listed,
  find: (name) => listed.find((model) => model.name === name),
}
