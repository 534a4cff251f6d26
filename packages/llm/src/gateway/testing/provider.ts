import { EMBEDDING_DIMENSIONS } from '../../llm.ts'
import type { Part, TextRequest, Usage } from '../../llm.ts'
import { defaultCatalogue, findModel } from '../../catalogue.ts'
import type { Provider, Reply } from '../../provider.ts'

export const USAGE: Usage = { inputTokens: 1_000_000, outputTokens: 1_000_000, cacheReadTokens: 0, cacheWriteTokens: 0 }
/** In-region, a million in and a million out, by the vendor's price list of 2026-11-21. */
export const NOVA_MICRO = { id: 'amazon.nova-micro-v1:0', usdPerMillionBoth: 0.175, usdPerMillionIn: 0.035 }
export const NOVA_LITE = { id: 'amazon.nova-lite-v1:0', usdPerMillionBoth: 0.3 }

/** What the vendor does with a call: text in pieces, an error, or pieces and then an error. */
export interface Move {
  pieces?: string[]
  content?: Part[]
  error?: Error
  stopReason?: Reply['stopReason']
  usage?: Usage | undefined
  delayMs?: number
}

export interface VendorProvider extends Provider {
  /** Ids of the models asked, in order of the calls. */
  asked: string[]
  requests: TextRequest<unknown>[]
  callIds: string[]
  /** Streams that were left before their end. */
  left: number
}

/** A vendor with models of the catalogue that does what each model's list says, call by call; its last move goes on. */
export function vendor(name: string, moves: Record<string, Move[]>, free = false): VendorProvider {
  const counts: Record<string, number> = {}
  const provider: VendorProvider = {
    name,
    asked: [],
    requests: [],
    callIds: [],
    left: 0,
    resolve: (id = Object.keys(moves)[0]!) => ({
      provider: name,
      id,
      model: findModel(defaultCatalogue, id),
      scope: 'region',
      free,
      warnings: [],
    }),
    complete: async (request, { id }, { callId, signal }) => {
      const move = next(id, callId, request)
      await pause(move, signal)
      if (move.error) throw move.error
      return replyOf(move)
    },
    stream: async function* (request, { id }, { callId, signal }) {
      const move = next(id, callId, request)
      let whole = false
      try {
        for (const text of move.pieces ?? []) {
          await pause(move, signal)
          yield { type: 'text', text }
        }
        if (move.error) throw move.error
        yield { type: 'reply', reply: replyOf(move) }
        whole = true
      } finally {
        if (!whole && !move.error) provider.left++
      }
    },
    embed: async ({ texts }, { id }, { callId, signal }) => {
      const move = next(id, callId)
      await pause(move, signal)
      if (move.error) throw move.error
      return {
        vectors: texts.map((text) => Float32Array.of(text.length)),
        space: {
          id: `${name}:${id}`,
          provider: name,
          model: id,
          version: 'v1',
          dimensions: EMBEDDING_DIMENSIONS,
          sourceDimensions: 1,
        },
        usage: 'usage' in move ? move.usage : { ...USAGE, outputTokens: 0 },
        warnings: [],
      }
    },
    textsPerCall: () => 2,
    countTokens: async () => ({ tokens: 7, estimated: false }),
    close: () => undefined,
  }
  const next = (id: string, callId: string, request?: TextRequest<unknown>): Move => {
    provider.asked.push(id)
    provider.callIds.push(callId)
    if (request) provider.requests.push(request)
    const list = moves[id] ?? []
    const at = counts[id] ?? 0
    counts[id] = at + 1
    return list[Math.min(at, list.length - 1)] ?? {}
  }
  return provider
}

function replyOf(move: Move): Reply {
  const text = (move.pieces ?? []).join('')
  return {
    message: { role: 'assistant', content: move.content ?? [{ type: 'text', text }] },
    stopReason: move.stopReason ?? 'end',
    usage: 'usage' in move ? move.usage : USAGE,
    warnings: [],
  }
}

const pause = async ({ delayMs = 0 }: Move, signal: AbortSignal | undefined): Promise<void> => {
  const until = Date.now() + delayMs
  do {
    await new Promise((resolve) => setTimeout(resolve, 1))
    signal?.throwIfAborted()
  } while (Date.now() < until)
}
