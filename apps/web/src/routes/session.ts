import { Account, Password, setPassword, signInByLink, signInByPassword } from '@dayshift/domain/accounts'
import { NotSignedIn } from '@dayshift/domain/errors'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { WebParts } from '../parts.ts'
import { checkOrigin, cookieName, setSessionCookie, signedIn } from '../plugins/auth.ts'
import { takeOrRefuse } from '../plugins/limits.ts'

const tags = ['session']
const Proof = z.union([
  z.strictObject({ link: z.string().min(1).max(200) }),
  z.strictObject({ name: z.string().min(1).max(200), password: z.string().min(1).max(128) }),
])
const OpenSession = z.object({
  id: z.string(),
  current: z.boolean(),
  createdAt: z.date(),
  lastSeenAt: z.date(),
  userAgent: z.string(),
})

/**
 * What one try takes from the sign-in limiter, which has 60 for each key in a minute: 30 tries from an address, 10 for
 * a name from one address, 60 for a name from all of them, so that a stranger alone cannot shut its owner out.
 */
const signInCosts = { address: 2, nameFromAddress: 6, name: 1 }

export const session: FastifyPluginAsyncZod<WebParts> = async (api, parts) => {
  const { context, sessions, signInLimiter } = parts

  const prove = (proof: z.output<typeof Proof>): Promise<Account> =>
    'link' in proof ? signInByLink(context, proof.link) : signInByPassword(context, proof.name, proof.password)

  api.post(
    '/session',
    {
      config: { access: 'public' },
      schema: {
        tags,
        summary: 'Sign in by one-time link or by password',
        security: [],
        body: Proof,
        response: { 200: z.object({ account: Account }) },
      },
    },
    async (request, reply) => {
      const { body, ip, log } = request
      checkOrigin(request, parts)
      await takeOrRefuse(signInLimiter, `address ${ip}`, reply, signInCosts.address)
      if ('name' in body) {
        const pair = JSON.stringify([body.name, ip])
        await takeOrRefuse(signInLimiter, `name from address ${pair}`, reply, signInCosts.nameFromAddress)
        await takeOrRefuse(signInLimiter, `name ${body.name}`, reply, signInCosts.name)
      }
      const signedInBy = 'link' in body ? 'link' : 'password'
      try {
        const account = await prove(body)
        // A session that this browser had before ends: a new proof has a new token.
        const before = request.cookies[cookieName(parts)]
        if (before !== undefined) await sessions.revoke(before)
        const userAgent = (request.headers['user-agent'] ?? '').slice(0, 200)
        const data = { accountId: account.id, signedInBy, userAgent } as const
        const { token } = await sessions.create({ userId: account.id, data })
        setSessionCookie(reply, parts, token)
        log.info({ accountId: account.id, signedInBy, ip }, 'signed in')
        return await reply.send({ account })
      } catch (error) {
        if (error instanceof NotSignedIn) log.warn({ signedInBy, ip }, 'a sign-in was refused')
        throw error
      }
    },
  )

  api.get(
    '/session',
    { schema: { tags, summary: 'Who is signed in', response: { 200: z.object({ account: Account }) } } },
    async ({ caller }) => ({ account: signedIn(caller).account }),
  )

  api.delete(
    '/session',
    { config: { access: 'person' }, schema: { tags, summary: 'Sign out', response: { 204: z.null() } } },
    async (request, reply) => {
      await sessions.revoke(sessionTokenOf(signedIn(request.caller)))
      setSessionCookie(reply, parts, undefined)
      return reply.status(204).send(null)
    },
  )

  api.get(
    '/sessions',
    {
      config: { access: 'person' },
      schema: {
        tags,
        summary: 'Where this account is signed in',
        response: { 200: z.object({ items: z.array(OpenSession) }) },
      },
    },
    async ({ caller }) => {
      const { account, ...proof } = signedIn(caller)
      const current = await sessions.find(sessionTokenOf(proof))
      const open = await sessions.list(account.id)
      return {
        items: open.map(({ id, createdAt, lastSeenAt, data }) => ({
          id,
          current: id === current?.id,
          createdAt,
          lastSeenAt,
          userAgent: data.userAgent,
        })),
      }
    },
  )

  api.delete(
    '/sessions',
    {
      config: { access: 'person' },
      schema: { tags, summary: 'Sign out everywhere else', response: { 204: z.null() } },
    },
    async (request, reply) => {
      const caller = signedIn(request.caller)
      await sessions.revokeAll(caller.account.id, { except: sessionTokenOf(caller) })
      return reply.status(204).send(null)
    },
  )

  api.put(
    '/session/password',
    {
      config: { access: 'person' },
      schema: {
        tags,
        summary: 'Set the password; every other session ends',
        body: z.strictObject({ password: Password }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const caller = signedIn(request.caller)
      await setPassword(context.db, caller.account.id, request.body.password)
      await sessions.revokeAll(caller.account.id, { except: sessionTokenOf(caller) })
      return reply.status(204).send(null)
    },
  )
}

function sessionTokenOf({ sessionToken }: { sessionToken?: string }): string {
  if (sessionToken === undefined) throw new NotSignedIn('Sign in with the browser first.')
  return sessionToken
}
