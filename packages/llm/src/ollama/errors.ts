import type { IncomingHttpHeaders } from 'node:http'
import { z } from 'zod'
import {
  LlmError,
  LlmModelNotFound,
  LlmNotAllowed,
  LlmRefusedRequest,
  LlmThrottled,
  LlmUnavailable,
} from '../errors.ts'

const ErrorBody = z.object({ error: z.string() })
const EXCERPT_CHARACTERS = 200

/**
 * An answer of HTTP that is no success as one of our errors, with Ollama's words. It is sent in place of an answer, so that
 * nothing was spent. Source: Ollama's `docs/api/errors.mdx` and the handlers of its server.
 */
export function toHttpError(status: number, headers: IncomingHttpHeaders, body: string, origin: string): LlmError {
  const said = wordsOf(body)
  const message = `Ollama at ${origin} answered ${status}: ${said ?? (body.slice(0, EXCERPT_CHARACTERS) || 'nothing')}`
  const retryAfterMs = secondsOf(headers['retry-after'])
  // 503 is a full queue: the next try may find a place.
  if (status === 429 || status === 503) return new LlmThrottled(message, { retryAfterMs })
  if (status === 404 && said !== undefined) return new LlmModelNotFound(message)
  if (status === 401 || status === 403) return new LlmNotAllowed(message)
  // No words of Ollama's: something else lives at the address.
  if (status === 404 || status < 400) return new LlmUnavailable(message, { retryable: false })
  return status < 500 ? new LlmRefusedRequest(message) : new LlmUnavailable(message, { retryAfterMs })
}

function wordsOf(body: string): string | undefined {
  try {
    return ErrorBody.parse(JSON.parse(body)).error
  } catch {
    return undefined
  }
}

const secondsOf = (value: string | undefined): number | undefined =>
  value !== undefined && /^\d+$/.test(value) ? Number(value) * 1_000 : undefined
