import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server on a free port of 127.0.0.1 for one test; `origin` without a slash at its end. */
export type TestServer = AsyncDisposable & { origin: string; port: number }

export async function serve(listener: RequestListener, server: Server = createServer(listener)): Promise<TestServer> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => void server.close(resolve))
    },
  }
}

/** The code of the OutboundError that a promise ends with; the value or the other error when there is none. */
export async function codeOf(work: Promise<unknown>): Promise<unknown> {
  try {
    return await work
  } catch (error) {
    return error instanceof Error && error.name.startsWith('Outbound') && 'code' in error ? error.code : error
  }
}
