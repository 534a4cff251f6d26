import type { Context } from '@dayshift/domain/context'
import { NotSignedIn } from '@dayshift/domain/errors'
import { type Db, inTransaction } from '@dayshift/storage'
import { hash, verify } from '@node-rs/argon2'
import { v7 as uuidv7 } from 'uuid'
import type { Account } from './account.ts'
import { newSecret, secretSha256 } from './secret.ts'

type Needs = Pick<Context, 'db' | 'clock'>

const LINK_MS = 30 * 60_000
// OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB, 2 passes, 1 lane.
const argon2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
// Verified when the name is unknown, so that the answer takes as long as for a known one.
const nobodysHash = '$argon2id$v=19$m=19456,t=2,p=1$84toeK68JItMkHwKNd3m5Q$EtgaQiLkSz+Tv9NDvZLOFTbm2WChWUW+teGehe3TIA4'

/** The administrator; made on the first call. */
export async function ensureAdministrator(db: Db): Promise<Account> {
  await db
    .insertInto('account')
    .values({ id: uuidv7(), name: 'administrator', role: 'administrator' })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute()
  return db
    .selectFrom('account')
    .select(['id', 'name', 'role'])
    .where('name', '=', 'administrator')
    .executeTakeFirstOrThrow()
}

/** Makes a one-time link secret for an account, good for 30 minutes. Only its hash is kept. */
export async function createSignInLink({ db, clock }: Needs, accountId: string): Promise<string> {
  const secret = newSecret()
  await db
    .insertInto('sign_in_link')
    .values({
      token_sha256: secretSha256(secret),
      account_id: accountId,
      expires_at: new Date(clock().getTime() + LINK_MS),
    })
    .execute()
  return secret
}

/** Uses up a one-time link. Throws NotSignedIn when it was used, has expired or never was. */
export async function signInByLink({ db, clock }: Needs, secret: string): Promise<Account> {
  const now = clock()
  return inTransaction(db, async (tx) => {
    const link = await tx
      .updateTable('sign_in_link')
      .set({ used_at: now })
      .where('token_sha256', '=', secretSha256(secret))
      .where('used_at', 'is', null)
      .where('expires_at', '>', now)
      .returning('account_id')
      .executeTakeFirst()
    if (!link)
      throw new NotSignedIn(
        'This sign-in link was used already or is older than 30 minutes. Restart Dayshift for a new one.',
      )
    return getEnabledAccount(tx, link.account_id)
  })
}

/** Throws NotSignedIn when name and password do not fit together, without saying which is wrong. */
export async function signInByPassword({ db }: Needs, name: string, password: string): Promise<Account> {
  const row = await db
    .selectFrom('account')
    .select(['id', 'name', 'role', 'password_hash'])
    .where('name', '=', name)
    .where('disabled_at', 'is', null)
    .executeTakeFirst()
  const fits = await verify(row?.password_hash ?? nobodysHash, password)
  if (!row?.password_hash || !fits) throw new NotSignedIn('The name or the password is wrong.')
  return { id: row.id, name: row.name, role: row.role }
}

export async function setPassword(db: Db, accountId: string, password: string): Promise<void> {
  await db
    .updateTable('account')
    .set({ password_hash: await hash(password, argon2) })
    .where('id', '=', accountId)
    .execute()
}

/** Throws NotSignedIn when the account is disabled or gone. */
export async function getEnabledAccount(db: Db, id: string): Promise<Account> {
  return db
    .selectFrom('account')
    .select(['id', 'name', 'role'])
    .where('id', '=', id)
    .where('disabled_at', 'is', null)
    .executeTakeFirstOrThrow(() => new NotSignedIn('This account is disabled.'))
}
