import { type Account, getEnabledAccount, signInByToken } from '@dayshift/domain/accounts'
import { NotAllowed, NotSignedIn } from '@dayshift/domain/errors'
import type { FastifyReply, FastifyRequest } from 'fastify'
import plugin from 'fastify-plugin'
import type { WebParts } from '../parts.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call: everybody, a reader, a writer, or only a person with a session. Default: read for GET, else write. */
    access?: 'public' | 'read' | 'write' | 'person'
  }
  interface FastifyRequest {
    /** Who asks; undefined on public routes, and for nobody. */
    caller: Caller | undefined
    /** Why what was shown proves nobody. */
    refusal: NotSignedIn | undefined
  }
}

export interface Caller {
  account: Account
  scope: 'read' | 'write'
  /** The session's token; absent when an API token was shown. */
  sessionToken?: string
}

/** The cookie of the session. `__Host-` needs https; at home on plain http the short name has to do. */
export const cookieName = ({ publicUrl }: Pick<WebParts, 'publicUrl'>): string =>
  publicUrl?.startsWith('https:') ? '__Host-dayshift' : 'dayshift'

export function setSessionCookie(
  reply: FastifyReply,
  parts: Pick<WebParts, 'publicUrl'>,
  token: string | undefined,
): void {
  const secure = parts.publicUrl?.startsWith('https:') ?? false
  const options = { path: '/', httpOnly: true, sameSite: 'lax', secure } as const
  if (token === undefined) reply.clearCookie(cookieName(parts), options)
  else reply.setCookie(cookieName(parts), token, options)
}

const isPublic = (request: FastifyRequest): boolean => request.is404 || request.routeOptions.config.access === 'public'

/** Finds out who asks. Whether that suffices is said by `access`, so that limits can count the refused, too. */
export const callers = plugin<WebParts>((server, parts) => {
  server.decorateRequest('caller', undefined)
  server.decorateRequest('refusal', undefined)
  server.addHook('onRequest', async (request) => {
    if (isPublic(request)) return
    try {
      request.caller = await identify(request, parts)
    } catch (error) {
      if (!(error instanceof NotSignedIn)) throw error
      request.refusal = error
    }
  })
  return Promise.resolve()
})

/** Every route needs a signed-in caller unless its config says `public`. */
export const access = plugin<Pick<WebParts, 'publicUrl'>>((server, parts) => {
  server.addHook('onRequest', async (request) => {
    if (isPublic(request)) return
    const caller = signedIn(request.caller, request.refusal)
    const { access } = request.routeOptions.config
    const reads = request.method === 'GET' || request.method === 'HEAD'
    if (access === 'person' && caller.sessionToken === undefined) {
      throw new NotAllowed('An API token may not do this; sign in with the browser.')
    }
    if ((access ?? (reads ? 'read' : 'write')) !== 'read' && caller.scope === 'read') {
      throw new NotAllowed('This API token may only read.')
    }
    if (!reads && caller.sessionToken !== undefined) checkOrigin(request, parts)
  })
  return Promise.resolve()
})

/** The caller, who is there on every route that is not public. Throws NotSignedIn. */
export function signedIn(caller: Caller | undefined, refusal?: NotSignedIn): Caller {
  if (!caller) throw refusal ?? new NotSignedIn('Sign in first.')
  return caller
}

/** Who shows this API token or session. Throws NotSignedIn, SessionStoreUnavailable. */
async function identify(request: FastifyRequest, { context, sessions, ...parts }: WebParts): Promise<Caller> {
  const token = tokenIn(request.headers.authorization ?? '')
  if (token !== undefined) return signInByToken(context, token)
  const sessionToken = request.cookies[cookieName(parts)]
  const session = sessionToken === undefined ? undefined : await sessions.find(sessionToken)
  if (sessionToken === undefined || !session) throw new NotSignedIn('Sign in first.')
  return { account: await getEnabledAccount(context.db, session.data.accountId), scope: 'write', sessionToken }
}

/**
 * An API token, as a bearer or, for clients that can be told an address and no header (`https://token:…@host/ollama`), as
 * the password of Basic authentication (RFC 7617) with any name.
 */
function tokenIn(authorization: string): string | undefined {
  const [, scheme, value = ''] = /^(Bearer|Basic) (\S+)$/i.exec(authorization) ?? []
  if (scheme?.toLowerCase() !== 'basic') return scheme && value
  const pair = Buffer.from(value, 'base64').toString()
  return pair.slice(pair.indexOf(':') + 1)
}

/** Whether what this request showed is good still. While the store is away, it is taken to be. */
export async function isStillSignedIn(request: FastifyRequest, parts: WebParts): Promise<boolean> {
  try {
    await identify(request, parts)
    return true
  } catch (error) {
    return !(error instanceof NotSignedIn)
  }
}

/** A browser says where a request comes from; another site's may carry the cookie but not our origin. */
export function checkOrigin(request: FastifyRequest, { publicUrl }: Pick<WebParts, 'publicUrl'>): void {
  const { origin, 'sec-fetch-site': site } = request.headers
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    throw new NotAllowed(`The request comes from another site (${site}).`)
  }
  if (origin === undefined) return
  // Without PUBLIC_URL a proxy may speak https for us, so that only the host can be compared.
  const [own, given] =
    publicUrl === undefined ? [request.host, hostOf(origin)] : [new URL(publicUrl).origin, origin.toLowerCase()]
  if (given !== own) throw new NotAllowed(`The request comes from ${origin}; ${own} was expected.`)
}

const hostOf = (origin: string): string | undefined => (URL.canParse(origin) ? new URL(origin).host : undefined)
