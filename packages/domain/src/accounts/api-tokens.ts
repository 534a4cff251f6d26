import type { Context } from '@dayshift/domain/context'
import { NotFound, NotSignedIn } from '@dayshift/domain/errors'
import type { Db } from '@dayshift/storage'
import { v7 as uuidv7 } from 'uuid'
import type { Account, ApiToken, ApiTokenScope, NewApiToken } from './account.ts'
import { newSecret, secretSha256 } from './secret.ts'

type Needs = Pick<Context, 'db' | 'clock'>

const DAY_MS = 86_400_000
// The time of last use is for people: a minute's precision spares a write on every request.
const USED_PRECISION_MS = 60_000
/** Lets people and secret scanners see what it is. */
const PREFIX = 'dayshift_'

/** Makes an API token; `token` is shown this once. */
export async function createApiToken(
  { db, clock }: Needs,
  accountId: string,
  { name, scope, expiresInDays }: NewApiToken,
): Promise<ApiToken & { token: string }> {
  const token = PREFIX + newSecret()
  const createdAt = clock()
  const row: ApiToken = {
    id: uuidv7(),
    name,
    scope,
    createdAt,
    lastUsedAt: null,
    expiresAt: expiresInDays === undefined ? null : new Date(createdAt.getTime() + expiresInDays * DAY_MS),
  }
  await db
    .insertInto('api_token')
    .values({
      id: row.id,
      account_id: accountId,
      name,
      scope,
      token_sha256: secretSha256(token),
      created_at: createdAt,
      expires_at: row.expiresAt,
    })
    .execute()
  return { ...row, token }
}

export async function listApiTokens(db: Db, accountId: string): Promise<ApiToken[]> {
  return db
    .selectFrom('api_token')
    .select(['id', 'name', 'scope', 'created_at as createdAt', 'last_used_at as lastUsedAt', 'expires_at as expiresAt'])
    .where('account_id', '=', accountId)
    .where('revoked_at', 'is', null)
    .orderBy('id', 'desc')
    .execute()
}

export async function revokeApiToken({ db, clock }: Needs, accountId: string, id: string): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable('api_token')
    .set({ revoked_at: clock() })
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  if (numUpdatedRows === 0n) throw new NotFound('API token', id)
}

/** The account behind an API token and what the token may do. Throws NotSignedIn when it is not good any more. */
export async function signInByToken(
  { db, clock }: Needs,
  token: string,
): Promise<{ account: Account; scope: ApiTokenScope }> {
  const now = clock()
  const row = await db
    .selectFrom('api_token')
    .innerJoin('account', 'account.id', 'api_token.account_id')
    .select(['api_token.id as tokenId', 'account.id', 'account.name', 'account.role', 'scope', 'last_used_at'])
    .where('token_sha256', '=', secretSha256(token))
    .where('revoked_at', 'is', null)
    .where('account.disabled_at', 'is', null)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .executeTakeFirst()
  if (!row) throw new NotSignedIn('This API token is unknown, expired or revoked.')
  if (!row.last_used_at || now.getTime() - row.last_used_at.getTime() > USED_PRECISION_MS) {
    await db.updateTable('api_token').set({ last_used_at: now }).where('id', '=', row.tokenId).execute()
  }
  return { account: { id: row.id, name: row.name, role: row.role }, scope: row.scope }
}
