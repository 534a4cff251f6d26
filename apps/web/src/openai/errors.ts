import { LlmError, LlmModelNotFound, LlmOverBudget } from '@dayshift/llm'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { sayWhen, toProblem } from '../plugins/errors.ts'

/** Something of the request that cannot be; `param` is the field. */
export class Unusable extends Error {
  override name = 'Unusable'
  readonly statusCode: number
  readonly param: string | null
  readonly code: string | null
  constructor(
    message: string,
    param: string | null,
    { status = 400, code = null }: { status?: number; code?: string | null } = {},
  ) {
    super(message)
    this.statusCode = status
    this.param = param
    this.code = code
  }
}

export const noSuchModel = (name: string): Unusable =>
  new Unusable(`The model '${name}' does not exist or you do not have access to it.`, 'model', {
    status: 404,
    code: 'model_not_found',
  })

export interface OpenAiError {
  error: { message: string; type: string; param: string | null; code: string | null }
}

/** An error in OpenAI's form, and the status that it has when nothing was sent yet. */
export function toOpenAiError(error: unknown, request: FastifyRequest): { status: number; body: OpenAiError } {
  if (error instanceof Unusable) {
    const { statusCode: status, message, param, code } = error
    return { status, body: { error: { message, type: 'invalid_request_error', param, code } } }
  }
  const { status, code, detail } = toProblem(error as FastifyError, request)
  return { status, body: { error: { message: detail, param: null, ...kindOf(error, status, code) } } }
}

function kindOf(error: unknown, status: number, code: string): { type: string; code: string } {
  if (error instanceof LlmOverBudget) return { type: 'insufficient_quota', code: 'insufficient_quota' }
  if (error instanceof LlmModelNotFound) return { type: 'invalid_request_error', code: 'model_not_found' }
  if (status === 401) return { type: 'invalid_request_error', code: 'invalid_api_key' }
  if (status === 429) return { type: 'rate_limit_error', code: 'rate_limit_exceeded' }
  return { type: status < 500 ? 'invalid_request_error' : 'server_error', code }
}

export function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, body } = toOpenAiError(error, request)
  if (status === 401) reply.header('www-authenticate', 'Bearer realm="dayshift"')
  // The gateway has retried what may be retried: OpenAI's clients would multiply that by three.
  if (error instanceof LlmError) reply.header('x-should-retry', 'false')
  return sayWhen(reply, error).status(status).type('application/json; charset=utf-8').send(body)
}
