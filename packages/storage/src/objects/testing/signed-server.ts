import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { contentDisposition } from '../content-disposition.ts'
import { SignedUrlRefused } from '../errors.ts'
import type { FolderObjects } from '../folder/folder-objects.ts'

interface SignedServer {
  url: string
  close(): Promise<void>
}

/** Serves signed URLs of a folder as the web does, below `/objects`. */
export async function startSignedServer(getObjects: () => FolderObjects): Promise<SignedServer> {
  const server = createServer((request, response) => {
    serve(getObjects(), request, response).catch((error: unknown) => {
      response.writeHead(error instanceof SignedUrlRefused ? 403 : 500).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/objects`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

async function serve(objects: FolderObjects, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { key, method, downloadName } = objects.verifySignedUrl(request.url ?? '', request.method ?? '')
  if (method === 'PUT') {
    await objects.put(key, request, { contentType: request.headers['content-type'] })
    response.end()
    return
  }
  const { body, contentType, sizeBytes } = await objects.stream(key)
  const disposition = downloadName !== undefined && { 'content-disposition': contentDisposition(downloadName) }
  response.writeHead(200, { 'content-type': contentType, 'content-length': sizeBytes, ...disposition })
  await pipeline(body, response)
}
