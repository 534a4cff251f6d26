import { z } from 'zod'
import { LlmRefusedRequest } from '../errors.ts'
import type { OllamaHttp } from './http.ts'
import { readText } from './http.ts'
import type { Prepared } from './request.ts'

const TIMEOUT_MS = 10_000
/** Older servers do not tell. */
const Show = z.object({ capabilities: z.array(z.string()).optional() })

export interface Abilities {
  /**
   * The request without what the model is known not to do, as Ollama would refuse thinking and older versions ignore pictures.
   * The server is asked once for a model, and only when it matters.
   * @throws LlmRefusedRequest for pictures that the model cannot see
   */
  adapt(prepared: Prepared, signal: AbortSignal | undefined): Promise<Prepared>
}

export function createAbilities(http: OllamaHttp): Abilities {
  const known = new Map<string, string[]>()

  /** Undefined when nobody says; the call itself will then tell. */
  async function find(model: string, signal: AbortSignal | undefined): Promise<string[] | undefined> {
    const found = known.get(model)
    if (found) return found
    const late = AbortSignal.timeout(TIMEOUT_MS)
    try {
      const answer = await http.post('/api/show', { model }, signal ? AbortSignal.any([signal, late]) : late)
      const { capabilities } = Show.parse(JSON.parse(await readText(answer)))
      if (capabilities) known.set(model, capabilities)
      return capabilities
    } catch {
      signal?.throwIfAborted()
      return undefined
    }
  }

  return {
    adapt: async ({ body, warnings }, signal) => {
      const thinks = body.think !== undefined && body.think !== false
      const sees = body.messages.some((message) => message.images)
      if (!thinks && !sees) return { body, warnings }
      const capabilities = await find(body.model, signal)
      if (!capabilities) return { body, warnings }
      if (sees && !capabilities.includes('vision')) {
        throw new LlmRefusedRequest(`${body.model} sees no pictures: its abilities are ${capabilities.join(', ')}.`)
      }
      if (!thinks || capabilities.includes('thinking')) return { body, warnings }
      const { think, ...rest } = body
      return { body: rest, warnings: [...warnings, `${body.model} does not think: "${think}" was left out.`] }
    },
  }
}
