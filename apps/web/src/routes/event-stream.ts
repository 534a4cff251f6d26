import type { FastifyReply, FastifyRequest } from 'fastify'

const HEARTBEAT_MS = 15_000
const MOST_UNREAD_BYTES = 65_536

export interface EventStreamOptions {
  /** Asked with each heartbeat: a stream must not outlive the sign-in that opened it. */
  isAllowed: () => Promise<boolean>
  /** Called once, when the client or the server has ended it. */
  onClose: () => void
  heartbeatMs?: number
}

/**
 * Turns an answer into server-sent events (HTML Living Standard §9.2). The heartbeat keeps proxies from closing it.
 */
export function openEventStream(
  request: FastifyRequest,
  reply: FastifyReply,
  { isAllowed, onClose, heartbeatMs = HEARTBEAT_MS }: EventStreamOptions,
): (event: string, data: unknown) => void {
  reply.hijack()
  const { raw } = reply
  const headers = {
    ...reply.getHeaders(),
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-request-id': request.id,
  }
  raw.writeHead(200, headers as Record<string, string>)
  raw.write('retry: 2000\n\n')
  const { streams } = request.server
  const end = (): void => void raw.end()
  const beat = async (): Promise<void> => {
    if (await isAllowed()) raw.write(': still here\n\n')
    else end()
  }
  const heartbeat = setInterval(() => void beat(), heartbeatMs)
  streams.add(end)
  raw.on('close', () => {
    clearInterval(heartbeat)
    streams.delete(end)
    onClose()
  })
  return (event, data) => {
    // A client that does not read loses events rather than our memory; it asks for the list again.
    if (raw.writableLength < MOST_UNREAD_BYTES) raw.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
  }
}
