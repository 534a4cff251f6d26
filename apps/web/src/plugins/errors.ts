import { DomainError, Invalid } from '@dayshift/domain/errors'
import { LlmError, LlmOverBudget } from '@dayshift/llm'
import { SessionStoreUnavailable } from '@dayshift/session'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import plugin from 'fastify-plugin'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { z } from 'zod'

/** RFC 9457, with our own `code`, the request's id, and for a bad input what is wrong with which field. */
export const Problem = z.object({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  requestId: z.string(),
  errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
})
export type Problem = z.output<typeof Problem>

/** The one table from errors in our words to HTTP. */
const kinds = [
  { code: 'invalid', status: 400, title: 'The request is not valid' },
  { code: 'not-signed-in', status: 401, title: 'Not signed in' },
  { code: 'not-allowed', status: 403, title: 'Not allowed' },
  { code: 'not-found', status: 404, title: 'Not found' },
  { code: 'too-slow', status: 408, title: 'The request took too long' },
  { code: 'conflict', status: 409, title: 'Conflict' },
  { code: 'too-large', status: 413, title: 'Too large' },
  { code: 'address-too-long', status: 414, title: 'The address is too long' },
  { code: 'unsupported-media-type', status: 415, title: 'Unsupported media type' },
  { code: 'range-not-satisfiable', status: 416, title: 'Range not satisfiable' },
  { code: 'too-many-requests', status: 429, title: 'Too many requests' },
  { code: 'over-budget', status: 429, title: 'The budget for models is used up' },
  { code: 'headers-too-large', status: 431, title: 'The headers are too large' },
  { code: 'internal', status: 500, title: 'Something went wrong here' },
  { code: 'model-failed', status: 502, title: 'The model failed' },
  { code: 'unavailable', status: 503, title: 'Not available now' },
  { code: 'model-too-slow', status: 504, title: 'The model did not answer in time' },
] as const

/** By the names of model errors: a new kind of them is a failure of the model until it stands here. */
const codesOfModelErrors: Record<string, (typeof kinds)[number]['code']> = {
  LlmRefusedRequest: 'invalid',
  LlmNotAllowed: 'not-allowed',
  LlmPriceUnknown: 'not-allowed',
  LlmModelNotFound: 'not-found',
  LlmThrottled: 'too-many-requests',
  LlmOverBudget: 'over-budget',
  LlmUnavailable: 'unavailable',
  LlmResting: 'unavailable',
  LlmTimeout: 'model-too-slow',
}

const internal = { code: 'internal', status: 500, title: 'Something went wrong here' } as const

/** Errors leave as problem+json; what we did not expect leaves without its message, which goes to the log. */
export const errors = plugin((server) => {
  server.setErrorHandler((error: FastifyError, request, reply) =>
    sendProblem(sayWhen(reply, error), toProblem(error, request)),
  )
  server.addHook('onSend', async (request, reply) => {
    if (!reply.raw.headersSent) reply.header('x-request-id', request.id)
  })
  return Promise.resolve()
})

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="dayshift"')
  return reply.status(problem.status).type('application/problem+json').serializer(JSON.stringify).send(problem)
}

/** Retry-After (RFC 9110 §10.2.3), when a model error tells when asking again may help. */
export function sayWhen(reply: FastifyReply, error: unknown): FastifyReply {
  if (!(error instanceof LlmError)) return reply
  const waitMs = error instanceof LlmOverBudget ? error.budget.resetsAt.getTime() - Date.now() : error.retryAfterMs
  return waitMs === undefined ? reply : reply.header('retry-after', Math.max(1, Math.ceil(waitMs / 1000)))
}

/** A problem of the given kind for the request with this id. */
export function problem({ id }: Pick<FastifyRequest, 'id'>, code: string, detail: string): Problem {
  const { status, title, ...kind } = kinds.find((kind) => kind.code === code) ?? internal
  return { type: 'about:blank', title, status, code: kind.code, detail, requestId: id }
}

export function toProblem(error: FastifyError, request: FastifyRequest): Problem {
  if (hasZodFastifySchemaValidationErrors(error)) {
    return invalid(
      request,
      error.validation.map(({ instancePath, message }) => ({
        field: [
          error.validationContext?.replace('querystring', 'query'),
          ...instancePath.split('/').filter(Boolean),
        ].join('.'),
        message: message ?? 'not valid',
      })),
    )
  }
  if (error instanceof Invalid && error.field !== undefined) {
    const errors = [{ field: error.field, message: error.message }]
    return { ...problem(request, error.code, error.message), errors }
  }
  if (error instanceof DomainError) return problem(request, error.code, error.message)
  if (error instanceof LlmError) return modelProblem(error, request)
  if (error instanceof SessionStoreUnavailable) {
    request.log.error({ err: error }, 'the session store does not answer')
    return problem(request, 'unavailable', 'Signing in is not possible at the moment. Try again in a minute.')
  }
  if (error.statusCode !== undefined && error.statusCode < 500) {
    const kind = kinds.find(({ status }) => status === error.statusCode)
    return problem(request, kind?.code ?? 'invalid', error.message)
  }
  // The route and not the address: a query may hold a signature.
  request.log.error({ err: error, route: `${request.method} ${request.routeOptions.url ?? ''}` }, 'unexpected error')
  return problem(request, 'internal', `The server could not answer. The log has the reason under ${request.id}.`)
}

function modelProblem(error: LlmError, request: FastifyRequest): Problem {
  const code = codesOfModelErrors[error.name] ?? 'model-failed'
  // Not the error itself: it may carry the model's answer.
  request.log.warn({ reason: `${error.name}: ${error.message}` }, 'a model call failed')
  // The vendor's words name our account and role there.
  if (error.name !== 'LlmNotAllowed') return problem(request, code, error.message)
  return problem(request, code, `The service may not use this model. The log has the reason under ${request.id}.`)
}

function invalid(request: FastifyRequest, errors: NonNullable<Problem['errors']>): Problem {
  const detail = errors.map(({ field, message }) => `${field}: ${message}`).join('; ')
  return { ...problem(request, 'invalid', detail), errors }
}
