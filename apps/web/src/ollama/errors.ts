import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { sayWhen, toProblem } from '../plugins/errors.ts'

/** A refusal in Ollama's own words and with its status: clients look for them. */
export class Refusal extends Error {
  override name = 'Refusal'
  readonly statusCode: number
  constructor(statusCode: number, message: string) {
    super(message)
    this.statusCode = statusCode
  }
}

/** What Ollama says of an error: `{"error": text}`. A model's own refusal is never a 401, which clients take for signing in. */
export function toOllamaError(error: unknown, request: FastifyRequest): { status: number; error: string } {
  if (error instanceof Refusal) return { status: error.statusCode, error: error.message }
  const { status, detail } = toProblem(error as FastifyError, request)
  return { status, error: detail }
}

export function answerError(given: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, error } = toOllamaError(given, request)
  if (status === 401) reply.header('www-authenticate', 'Bearer realm="dayshift"')
  return sayWhen(reply, given).status(status).type('application/json; charset=utf-8').send({ error })
}
