import { useTestDatabase } from '@dayshift/storage/testing'
import { describe, expect, test } from 'vitest'
import {
  createSignInLink,
  ensureAdministrator,
  getEnabledAccount,
  setPassword,
  signInByLink,
  signInByPassword,
} from './sign-in.ts'

const database = useTestDatabase()
const db = () => database().db
const at = (iso: string) => ({ db: db(), clock: () => new Date(iso) })
const noon = '2026-11-21T12:00:00Z'
const message = 'The name or the password is wrong.'

const setDisabled = (id: string, disabled_at: Date | null) =>
  db().updateTable('account').set({ disabled_at }).where('id', '=', id).execute()

test('there is one administrator, however often and by how many at once it is asked for', async () => {
  const found = await Promise.all(Array.from({ length: 5 }, () => ensureAdministrator(db())))
  expect(new Set(found.map(({ id }) => id)).size).toBe(1)
  expect(found[0]).toMatchObject({ name: 'administrator', role: 'administrator' })
})

describe('a one-time link', () => {
  test('is good for 30 minutes', async () => {
    const { id } = await ensureAdministrator(db())
    const [early, late] = [await createSignInLink(at(noon), id), await createSignInLink(at(noon), id)]
    expect(await signInByLink(at('2026-11-21T12:29:59.999Z'), early)).toMatchObject({ id })
    await expect(signInByLink(at('2026-11-21T12:30:00Z'), late)).rejects.toThrow('older than 30 minutes')
  })

  test('is used up by its first use, even of five at once', async () => {
    const { id } = await ensureAdministrator(db())
    const secret = await createSignInLink(at(noon), id)
    const tries = await Promise.allSettled(Array.from({ length: 5 }, () => signInByLink(at(noon), secret)))
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  test('has 256 bits, and the database does not have it', async () => {
    const { id } = await ensureAdministrator(db())
    const secret = await createSignInLink(at(noon), id)
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32)
    const rows = await db().selectFrom('sign_in_link').selectAll().execute()
    expect(JSON.stringify(rows)).not.toContain(secret)
    await expect(signInByLink(at(noon), rows.at(-1)?.token_sha256 ?? '')).rejects.toThrow('used already')
  })

  test('of a disabled account does not work and is not used up', async () => {
    const { id } = await ensureAdministrator(db())
    const secret = await createSignInLink(at(noon), id)
    await setDisabled(id, new Date())
    await expect(signInByLink(at(noon), secret)).rejects.toThrow('disabled')
    await setDisabled(id, null)
    expect(await signInByLink(at(noon), secret)).toMatchObject({ id })
  })
})

describe('a password', () => {
  const password = 'correct horse battery'

  test('works exactly as it was set', async () => {
    const { id, name } = await ensureAdministrator(db())
    await setPassword(db(), id, password)
    expect(await signInByPassword(at(noon), name, password)).toMatchObject({ id })
    for (const wrong of [password.toUpperCase(), `${password} `, password.slice(0, -1), '']) {
      await expect(signInByPassword(at(noon), name, wrong)).rejects.toThrow(message)
    }
  })

  test.each(['passwörd ünïcödé 密码', 'a'.repeat(128), ' leading and trailing '])('may be %s', async (password) => {
    const { id, name } = await ensureAdministrator(db())
    await setPassword(db(), id, password)
    expect(await signInByPassword(at(noon), name, password)).toMatchObject({ id })
  })

  // OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane.
  test('is kept as Argon2id with a salt of its own', async () => {
    const { id } = await ensureAdministrator(db())
    const kept = async () => {
      await setPassword(db(), id, password)
      return db().selectFrom('account').select('password_hash').where('id', '=', id).executeTakeFirstOrThrow()
    }
    const [first, second] = [await kept(), await kept()]
    expect(first.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect(first.password_hash).not.toBe(second.password_hash)
  })

  test('does not open an account that has none, an unknown one or a disabled one, each in the same words', async () => {
    const { id, name } = await ensureAdministrator(db())
    await setPassword(db(), id, password)
    await expect(signInByPassword(at(noon), 'somebody', password)).rejects.toThrow(message)
    await setDisabled(id, new Date())
    await expect(signInByPassword(at(noon), name, password)).rejects.toThrow(message)
    await expect(getEnabledAccount(db(), id)).rejects.toThrow('disabled')
    await setDisabled(id, null)
    await db().updateTable('account').set({ password_hash: null }).where('id', '=', id).execute()
    await expect(signInByPassword(at(noon), name, password)).rejects.toThrow(message)
  })

  test('of an unknown name takes as long to refuse as a wrong one', async () => {
    const { id, name } = await ensureAdministrator(db())
    await setPassword(db(), id, password)
    const fastestMs = async (tried: string): Promise<number> => {
      const times: number[] = []
      for (let count = 0; count < 5; count += 1) {
        const start = performance.now()
        await signInByPassword(at(noon), tried, 'a wrong password').catch(() => {})
        times.push(performance.now() - start)
      }
      return Math.min(...times)
    }
    const [known, unknown] = [await fastestMs(name), await fastestMs('somebody')]
    // Without the hash of nobody it is a fiftieth.
    expect(unknown).toBeGreaterThan(known / 3)
  })
})
