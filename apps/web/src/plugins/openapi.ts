import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import plugin from 'fastify-plugin'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import type { WebParts } from '../parts.ts'
import { cookieName } from './auth.ts'
import { Problem } from './errors.ts'

// The page of Swagger UI brings no inline script or style, but React sets style attributes in it.
const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

/** OpenAPI 3.1 made from the routes' schemas; the document at /api/docs/json, a page to try it at /api/docs. */
export const openapi = plugin<Pick<WebParts, 'publicUrl'>>(async (server, parts) => {
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Dayshift',
        version: '1',
        description: 'Articles, sources, indicators, search and jobs. Sign in with the browser, or send an API token.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer' },
          session: { type: 'apiKey', in: 'cookie', name: cookieName(parts) },
        },
      },
      security: [{ token: [] }, { session: [] }],
    },
    transform: ({ schema, ...document }) => {
      if (!schema || schema.hide) return { schema, url: document.url }
      const { method, url } = document.route
      return jsonSchemaTransform({
        ...document,
        schema: { ...schema, operationId: operationIdOf(String(method), url), response: withProblem(schema.response) },
      })
    },
    transformObject: jsonSchemaTransformObject,
  })
  server.addHook('onRoute', (route) => {
    if (route.url.startsWith('/api/docs')) route.config = { ...route.config, access: 'public' }
  })
  await server.register(swaggerUi, { routePrefix: '/api/docs', staticCSP: pagePolicy })
})

/** The name of an operation in generated clients: `GET /api/v1/articles/:articleId` is `getArticlesByArticleId`. */
export function operationIdOf(method: string, url: string): string {
  const words = url
    .replace(/^\/api\/v\d+/, '')
    .replaceAll(/:(\w)/g, (_match, letter: string) => `by-${letter}`)
    .split(/[^A-Za-z0-9]+/)
    .filter(Boolean)
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
}

const withProblem = (response: unknown) => ({
  ...(typeof response === 'object' ? response : undefined),
  default: { description: 'A problem (RFC 9457)', content: { 'application/problem+json': { schema: Problem } } },
})
