import { createHash } from 'node:crypto'
import { setPassword } from '@dayshift/domain/accounts'
import { expect, test } from 'vitest'
import { insertArticle, insertSource } from '../testing/content.ts'
import { useTestWeb } from '../testing/web.ts'

const web = useTestWeb()

test('no answer to a GET holds a hash of a password, token or link, nor a session token', async () => {
  const { context, account, person, personHeaders, routes } = web()
  const { db } = context
  await setPassword(db, account.id, 'correct horse battery')
  await insertArticle(db, { sourceId: await insertSource(db) })
  const { password_hash } = await db.selectFrom('account').select('password_hash').executeTakeFirstOrThrow()
  const hashes = await db.selectFrom('api_token').select('token_sha256').execute()
  const session = personHeaders.cookie.split('=')[1] ?? ''
  const secrets = [
    password_hash ?? 'no password was set',
    ...hashes.map(({ token_sha256 }) => token_sha256),
    session.split('.')[1] ?? '',
    createHash('sha256').update(session).digest('hex'),
    createHash('sha256').update(session).digest('base64url'),
  ]
  expect(secrets.length).toBeGreaterThan(5)
  const lists = routes.filter(({ method, url }) => method === 'GET' && !/[:*]|events|docs/.test(url))
  expect(lists.length).toBeGreaterThan(8)
  for (const { url } of lists) {
    const { body, statusCode } = await person('GET', url === '/api/v1/search' ? `${url}?q=article` : url)
    expect(`${url} ${statusCode}`).toBe(`${url} 200`)
    for (const secret of secrets) expect(body).not.toContain(secret)
    expect(body).not.toMatch(/argon2|sha256|_hash/)
  }
})
