import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { problem, sendProblem, toProblem } from './errors.ts'

/** What a request gets that no route and so no hook has seen. */
const headers = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

/** Answers a request whose address cannot be decoded or has too long a part. */
export function answerBadAddress(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  void sendProblem(reply.headers({ ...headers, 'x-request-id': request.id }), toProblem(error, request))
}

const kindOf: Record<string, { line: string; code: string; detail: string }> = {
  ERR_HTTP_REQUEST_TIMEOUT: {
    line: '408 Request Timeout',
    code: 'too-slow',
    detail: 'The whole request was expected within 30 s.',
  },
  HPE_HEADER_OVERFLOW: {
    line: '431 Request Header Fields Too Large',
    code: 'headers-too-large',
    detail: 'At most 16 KiB of headers were expected.',
  },
}
const notHttp = { line: '400 Bad Request', code: 'invalid', detail: 'This is not an HTTP/1.1 request.' }

/** Answers on the bare connection what cannot be read as HTTP, and closes it. */
export function answerNotHttp(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  const { line, code, detail } = kindOf[error.code ?? ''] ?? notHttp
  const body = JSON.stringify(problem({ id: randomUUID() }, code, detail))
  const lines = Object.entries({
    ...headers,
    connection: 'close',
    'content-type': 'application/problem+json',
    'content-length': String(Buffer.byteLength(body)),
  }).map(([name, value]) => `${name}: ${value}`)
  if (socket.writable) socket.write(`HTTP/1.1 ${line}\r\n${lines.join('\r\n')}\r\n\r\n${body}`)
  socket.destroySoon()
}
