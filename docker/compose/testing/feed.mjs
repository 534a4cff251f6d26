// Serves feeds to the platform under test: /feeds/<name>/<count> lists /pages/<name>/<number>, each slow enough that
// there is work under way when something is killed.
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

const PAGE_MS = 700
const origin = 'http://feed:8080'
const range = (count) => Array.from({ length: Number(count) }, (_, index) => index + 1)

const feed = (name, count) =>
  `<?xml version="1.0"?><rss version="2.0"><channel><title>${name}</title>${range(count)
    .map(
      (n) =>
        `<item><title>Report ${name} ${n}</title><link>${origin}/pages/${name}/${n}</link><guid>${name}-${n}</guid></item>`,
    )
    .join('')}</channel></rss>`

const page = (name, n) =>
  `<!doctype html><html lang="en"><title>Report ${name} ${n}</title><body><article><h1>Report ${name} ${n}</h1>${range(
    12,
  )
    .map(
      (line) =>
        `<p>In part ${line} of report ${n} of ${name} the loader asks c${n}.${name}-loader.com for its orders and keeps them in a folder.</p>`,
    )
    .join('')}</article></body></html>`

createServer(async (request, response) => {
  const [, kind, name, number] = (request.url ?? '').split('/')
  if (kind === 'feeds') return response.setHeader('content-type', 'application/rss+xml').end(feed(name, number))
  if (kind !== 'pages') return response.writeHead(kind === 'health' ? 200 : 404).end()
  await sleep(PAGE_MS)
  response.setHeader('content-type', 'text/html').end(page(name, number))
}).listen(8080)

process.on('SIGTERM', () => process.exit(0))
