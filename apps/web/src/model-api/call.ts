import type { CallOptions } from '@dayshift/llm'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { signedIn } from '../plugins/auth.ts'

/** A model may think for long; the usual limit of silence on a connection would cut it off. The gateway has its own. */
const SILENCE_MS = 900_000

/** Nobody reads what this says: the connection is gone. */
class CallerGone extends Error {
  override name = 'CallerGone'
  readonly statusCode = 499
}

export interface ModelCall {
  /** Who asks, and a signal that comes when they leave. */
  options: CallOptions
  abort(reason: Error): void
}

/** A model call on behalf of a request: who drops the connection stops the model. */
export function openCall(request: FastifyRequest, { raw }: FastifyReply): ModelCall {
  const controller = new AbortController()
  request.raw.socket.setTimeout(SILENCE_MS)
  const onClose = (): void => {
    if (!raw.writableFinished) controller.abort(new CallerGone('request canceled'))
  }
  if (raw.closed) onClose()
  else raw.once('close', onClose)
  return {
    options: {
      accountId: signedIn(request.caller).account.id,
      signal: controller.signal,
      fresh: /\bno-cache\b/.test(request.headers['cache-control'] ?? ''),
    },
    abort: (reason) => controller.abort(reason),
  }
}
