import { NotFound, NotSignedIn } from '@dayshift/domain/errors'
import { useTestDatabase } from '@dayshift/storage/testing'
import { describe, expect, test } from 'vitest'
import { createApiToken, listApiTokens, revokeApiToken, signInByToken } from './api-tokens.ts'
import { ensureAdministrator } from './sign-in.ts'

const database = useTestDatabase()
const db = () => database().db
const at = (iso: string) => ({ db: db(), clock: () => new Date(iso) })
const noon = '2026-11-21T12:00:00Z'

const newToken = async (given: { scope?: 'read' | 'write'; expiresInDays?: number } = {}) => {
  const { id } = await ensureAdministrator(db())
  return createApiToken(at(noon), id, { name: 'script', scope: 'read', ...given })
}

describe('an API token', () => {
  test.each(['read', 'write'] as const)('lets its account in with the scope %s', async (scope) => {
    const { token } = await newToken({ scope })
    const account = await ensureAdministrator(db())
    expect(await signInByToken(at(noon), token)).toEqual({ account, scope })
  })

  test('can be known by its beginning, has 256 bits, and the database does not have it', async () => {
    const { token } = await newToken()
    expect(token).toMatch(/^dayshift_[\w-]{43}$/)
    const rows = await db().selectFrom('api_token').selectAll().execute()
    expect(JSON.stringify(rows)).not.toContain(token.slice('dayshift_'.length))
    await expect(signInByToken(at(noon), rows.at(-1)?.token_sha256 ?? '')).rejects.toThrow(NotSignedIn)
  })

  test('ends after its days', async () => {
    const { token, expiresAt } = await newToken({ expiresInDays: 2 })
    expect(expiresAt).toEqual(new Date('2026-11-23T12:00:00Z'))
    expect(await signInByToken(at('2026-11-23T11:59:59.999Z'), token)).toMatchObject({ scope: 'read' })
    await expect(signInByToken(at('2026-11-23T12:00:00Z'), token)).rejects.toThrow(NotSignedIn)
  })

  test('without days does not end by itself', async () => {
    const { token } = await newToken()
    expect(await signInByToken(at('2036-01-01T00:00:00Z'), token)).toMatchObject({ scope: 'read' })
  })

  test('ends when it is revoked, by its own account only', async () => {
    const { id, token } = await newToken()
    const { id: accountId } = await ensureAdministrator(db())
    const stranger = '00000000-0000-4000-8000-000000000000'
    await expect(revokeApiToken(at(noon), stranger, id)).rejects.toThrow(NotFound)
    expect(await signInByToken(at(noon), token)).toMatchObject({ scope: 'read' })
    await revokeApiToken(at(noon), accountId, id)
    await expect(signInByToken(at(noon), token)).rejects.toThrow(NotSignedIn)
    await expect(revokeApiToken(at(noon), accountId, id)).rejects.toThrow(NotFound)
    expect((await listApiTokens(db(), accountId)).map((listed) => listed.id)).not.toContain(id)
  })

  test('of a disabled account lets nobody in', async () => {
    const { token } = await newToken()
    await db().updateTable('account').set({ disabled_at: new Date() }).execute()
    await expect(signInByToken(at(noon), token)).rejects.toThrow(NotSignedIn)
    await db().updateTable('account').set({ disabled_at: null }).execute()
  })

  test('tells when it was last used, to the minute', async () => {
    const { id, token } = await newToken()
    const { id: accountId } = await ensureAdministrator(db())
    const lastUsed = async () => (await listApiTokens(db(), accountId)).find((listed) => listed.id === id)?.lastUsedAt
    expect(await lastUsed()).toBeNull()
    await signInByToken(at(noon), token)
    await signInByToken(at('2026-11-21T12:00:59Z'), token)
    expect(await lastUsed()).toEqual(new Date(noon))
    await signInByToken(at('2026-11-21T12:01:01Z'), token)
    expect(await lastUsed()).toEqual(new Date('2026-11-21T12:01:01Z'))
  })
})
