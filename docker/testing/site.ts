import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Site {
  origin: string
  /** Who signed what was put into the bucket: the access key, for each path. */
  stored: Map<string, string>
  close(): Promise<void>
}

const bucket = 'dayshift-image'
/** What the agent of ECS gives a task (Amazon ECS Developer Guide, "Task IAM role"). */
const credentials = {
  AccessKeyId: 'ASIAIMAGETEST0000000',
  SecretAccessKey: 'not-a-secret',
  Token: 'none',
  Expiration: '2099-01-01T00:00:00Z',
}

const article = (title: string) => `<!doctype html><html lang="en"><head><title>${title}</title></head><body><article>
<h1>${title}</h1>${'<p>The loader asks its server at hxxps://marmot-updates[.]com/stage for a second stage and runs it in memory. Defenders saw the same certificate on four hosts of the group, all of them in use since March, and took them down together.</p>'.repeat(4)}
</article></body></html>`

const feed = (origin: string) => `<?xml version="1.0"?><rss version="2.0"><channel><title>Reports of the test</title>
<link>${origin}/</link><description>For the image</description><item><title>Marmot loader</title>
<link>${origin}/marmot</link><guid>${origin}/marmot</guid><pubDate>Mon, 02 Mar 2026 08:00:00 GMT</pubDate></item></channel></rss>`

/** On a free port: a feed with one article, a bucket that takes everything, and the credentials of a task. */
export async function openSite(): Promise<Site> {
  const stored = new Map<string, string>()
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '', 'http://site').pathname
    request.resume()
    if (path === '/feed') response.writeHead(200, { 'content-type': 'application/rss+xml' }).end(feed(origin))
    else if (path === '/marmot') response.writeHead(200, { 'content-type': 'text/html' }).end(article('Marmot loader'))
    else if (path === '/credentials')
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(credentials))
    else if (path.startsWith(`/${bucket}/`) && request.method === 'PUT') {
      stored.set(path, signerOf(request))
      response.writeHead(200, { etag: '"0"' }).end()
    } else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    origin,
    stored,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => void server.close(resolve))
    },
  }
}

const signerOf = ({ headers }: IncomingMessage): string =>
  /Credential=([^/]+)\//.exec(headers.authorization ?? '')?.[1] ?? ''

/** What a process needs to see the site as its feed, its store and its task role. */
export const siteSettings = ({ origin }: Site): Record<string, string> => ({
  ALLOW_ORIGINS: origin,
  S3_BUCKET: bucket,
  S3_ENDPOINT: origin,
  AWS_CONTAINER_CREDENTIALS_FULL_URI: `${origin}/credentials`,
})

export const { AccessKeyId: accessKey } = credentials
