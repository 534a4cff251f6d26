import helmet from '@fastify/helmet'
import plugin from 'fastify-plugin'
import type { WebParts } from '../parts.ts'

/** Nothing from elsewhere runs or loads, nothing frames us. `img-src data:` is for the icons in our own styles. */
export const security = plugin<Pick<WebParts, 'publicUrl'>>(async (server, { publicUrl }) => {
  const https = publicUrl?.startsWith('https:') ?? false
  await server.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'script-src': ["'self'"],
        'style-src': ["'self'"],
        'img-src': ["'self'", 'data:'],
        'font-src': ["'self'"],
        'connect-src': ["'self'"],
        'manifest-src': ["'self'"],
        'base-uri': ["'none'"],
        'form-action': ["'self'"],
        'frame-ancestors': ["'none'"],
        'require-trusted-types-for': ["'script'"],
      },
    },
    crossOriginEmbedderPolicy: false,
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: https ? { maxAge: 31_536_000, includeSubDomains: true } : false,
    xFrameOptions: { action: 'deny' },
  })
  server.addHook('onSend', async ({ method }, reply) => {
    if (reply.hasHeader('cache-control')) return
    // What was read may be kept by this browser and is asked for again with its ETag; all else is kept nowhere.
    const isRead = (method === 'GET' || method === 'HEAD') && reply.statusCode < 400
    reply.header('cache-control', isRead ? 'private, no-cache' : 'no-store')
  })
})
