import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'

/** What a path answers with; a text is the body of a 200. */
export interface Answer {
  /** 200 when absent. */
  status?: number
  body?: string | Uint8Array
  headers?: Record<string, string>
  /** Also makes the answer to a request that has it 304. */
  etag?: string
  lastModified?: string
  location?: string
  gzip?: boolean
  delayMs?: number
  /** The answer waits for it. */
  released?: Promise<void>
}

export interface FeedServer {
  origin: string
  /** What was asked for, in order: paths with their queries. */
  requests: string[]
  /** Headers of the last request for a path. */
  headersOf: (path: string) => IncomingMessage['headers'] | undefined
  set: (path: string, answer: string | Answer) => void
  /** How often it was asked for. */
  count: (path: string) => number
  close: () => Promise<void>
}

/** A small site on a free port of 127.0.0.1; what was not set is 404. */
export async function serveFeeds(): Promise<FeedServer> {
  const answers = new Map<string, Answer>()
  const asked: { path: string; headers: IncomingMessage['headers'] }[] = []
  const server = createServer((request, response) => {
    const path = request.url ?? '/'
    asked.push({ path, headers: request.headers })
    void respond(request, response, answers.get(path) ?? { status: 404, body: 'nothing here' })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    get requests() {
      return asked.map(({ path }) => path)
    },
    headersOf: (path) => asked.findLast((request) => request.path === path)?.headers,
    set: (path, answer) => void answers.set(path, typeof answer === 'string' ? { body: answer } : answer),
    count: (path) => asked.filter((request) => request.path === path).length,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => void server.close(resolve))
    },
  }
}

async function respond(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
  const { status = 200, body = '', etag, lastModified, location, gzip = false, delayMs = 0 } = answer
  await sleep(delayMs)
  await answer.released
  const headers = {
    ...(etag !== undefined && { etag }),
    ...(lastModified !== undefined && { 'last-modified': lastModified }),
    ...(location !== undefined && { location }),
    ...answer.headers,
  }
  const { 'if-none-match': knownEtag, 'if-modified-since': knownDate } = request.headers
  const isKnown = knownEtag === undefined ? knownDate !== undefined && knownDate === lastModified : knownEtag === etag
  if (isKnown) return void response.writeHead(304, headers).end()
  const encoding = gzip ? { 'content-encoding': 'gzip' } : {}
  response.writeHead(status, { ...headers, ...encoding }).end(gzip ? gzipSync(body) : body)
}

export interface RssItem {
  title: string
  link?: string
  guid?: string
  /** ISO 8601. */
  date?: string
  /** HTML. */
  content?: string
}

/** An RSS 2.0 feed. */
export function rss(items: RssItem[]): string {
  const element = (name: string, text: string | undefined) =>
    text === undefined ? '' : `<${name}>${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</${name}>`
  const written = items.map(
    ({ title, link, guid, date, content }) =>
      `<item>${element('title', title)}${element('link', link)}${element('guid', guid)}${element('pubDate', date && new Date(date).toUTCString())}${element('description', content)}</item>`,
  )
  return `<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Reports</title>${written.join('\n')}</channel></rss>`
}
