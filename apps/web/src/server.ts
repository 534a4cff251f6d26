import compress from '@fastify/compress'
import cookie from '@fastify/cookie'
import etag from '@fastify/etag'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import { ollama } from './ollama/ollama.ts'
import { openai } from './openai/openai.ts'
import type { WebParts } from './parts.ts'
import { access, callers } from './plugins/auth.ts'
import { answerBadAddress, answerNotHttp } from './plugins/broken-requests.ts'
import { errors } from './plugins/errors.ts'
import { inputs } from './plugins/inputs.ts'
import { limits } from './plugins/limits.ts'
import { measured } from './plugins/measured.ts'
import { openapi } from './plugins/openapi.ts'
import { page } from './plugins/page.ts'
import { requestId } from './plugins/request-id.ts'
import { security } from './plugins/security.ts'
import { streams } from './plugins/streams.ts'
import { createReadiness } from './readiness.ts'
import { articles } from './routes/articles.ts'
import { embeddings } from './routes/embeddings.ts'
import { health, watch } from './routes/health.ts'
import { indicators } from './routes/indicators.ts'
import { jobs } from './routes/jobs.ts'
import { objects } from './routes/objects.ts'
import { search } from './routes/search.ts'
import { session } from './routes/session.ts'
import { sources } from './routes/sources.ts'
import { spending } from './routes/spending.ts'
import { tokens } from './routes/tokens.ts'

export { builtPage } from './built-page.ts'
export { SessionData, type WebParts } from './parts.ts'
export type Web = FastifyInstance

/** The web service: its plugins and, as the table of contents of the API, its routes. */
export async function createServer(parts: WebParts, log: FastifyBaseLogger): Promise<Web> {
  const server = await openServer(parts, log)
  await server.register(openapi, parts)
  const ready = createReadiness(parts)
  await server.register(watch, { ...parts, ready })
  await server.register(
    async (api) => {
      for (const routes of [
        session,
        tokens,
        articles,
        sources,
        indicators,
        search,
        jobs,
        embeddings,
        spending,
        health,
      ]) {
        await api.register(routes, { ...parts, ready })
      }
    },
    { prefix: '/api/v1' },
  )
  await server.register(objects, { prefix: '/objects', ...parts })
  await server.register(ollama, { prefix: '/ollama', ...parts })
  await server.register(openai, { prefix: '/openai/v1', ...parts })
  await server.register(page, parts)
  return server
}

/** The models alone, where Ollama has them: for clients that know a host and a port but no prefix. */
export async function createModelServer(parts: WebParts, log: FastifyBaseLogger): Promise<Web> {
  const server = await openServer(parts, log)
  await server.register(ollama, { ...parts })
  await server.register(openai, { prefix: '/v1', ...parts })
  return server
}

/** A server with what holds for every route. */
async function openServer(parts: WebParts, log: FastifyBaseLogger): Promise<Web> {
  const server = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestId,
    trustProxy: (_address, hop) => hop < parts.trustProxyHops,
    bodyLimit: 1_048_576,
    // Of silence in either direction: longer than the heartbeat of an event stream.
    connectionTimeout: 60_000,
    requestTimeout: 30_000,
    keepAliveTimeout: 65_000,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    frameworkErrors: answerBadAddress,
    clientErrorHandler: answerNotHttp,
    routerOptions: { maxParamLength: 200 },
  })
  server.setValidatorCompiler(validatorCompiler)
  server.setSerializerCompiler(serializerCompiler)

  await server.register(measured, parts)
  await server.register(errors)
  await server.register(streams)
  await server.register(security, parts)
  await server.register(etag, { weak: true })
  await server.register(compress, {
    threshold: 1024,
    encodings: ['br', 'gzip', 'identity'],
    globalDecompression: false,
  })
  await server.register(cookie)
  await server.register(callers, parts)
  await server.register(limits, parts)
  await server.register(access, parts)
  await server.register(inputs)
  return server
}
