import fastifyStatic from '@fastify/static'
import plugin from 'fastify-plugin'
import type { WebParts } from '../parts.ts'
import { problem, sendProblem } from './errors.ts'

const YEAR_S = 31_536_000

/** Serves the built page. An address that is no file and no API belongs to the page's own router. */
export const page = plugin<Pick<WebParts, 'pageFolder'>>(async (server, { pageFolder }) => {
  server.addHook('onRoute', (route) => {
    if (!route.url.startsWith('/api/')) route.config = { ...route.config, access: 'public' }
  })
  if (pageFolder !== undefined) {
    await server.register(fastifyStatic, {
      root: pageFolder,
      preCompressed: true,
      wildcard: false,
      index: false,
      cacheControl: false,
      // Made of size and time, which do not tell two builds apart: in an image all files have one time.
      etag: false,
      lastModified: false,
      schemaHide: true,
      setHeaders: (reply, path) => {
        // Names under assets/ carry a hash of their content; the rest is asked for again each time.
        void reply.header(
          'cache-control',
          path.includes('/assets/') ? `public, max-age=${YEAR_S}, immutable` : 'no-cache',
        )
      },
    })
  }
  server.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? ''
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    const isPage = isRead && !/^\/(api|objects)(\/|$)/.test(path) && !/\.\w+$/.test(path)
    if (isPage && pageFolder !== undefined) return reply.sendFile('index.html')
    return sendProblem(reply, problem(request, 'not-found', `There is nothing at ${request.method} ${path}.`))
  })
})
