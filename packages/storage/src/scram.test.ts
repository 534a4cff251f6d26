import { expect, test } from 'vitest'
import { scramVerifier } from './scram.ts'

test('a verifier is what PostgreSQL itself keeps for the same password and salt', async () => {
  // PostgreSQL 15.20: set password_encryption = 'scram-sha-256'; create role r password 'pencil, paper'; select rolpassword from pg_authid
  const kept =
    'SCRAM-SHA-256$4096:QBErcPKPBassyDvjsgxKNQ==$1GV7XUrgq1CoV176UVBtKXMYLdOyRBtcZW+vikULpq4=:lMx2bHgEi5ZV59k/En8MTlIdJxnxT9aTH3BNYBO1hiw='
  const [, salt = ''] = /^SCRAM-SHA-256\$4096:([^$]+)\$/.exec(kept) ?? []
  expect(await scramVerifier('pencil, paper', Buffer.from(salt, 'base64'))).toBe(kept)
})

test('each has a salt of its own', async () => {
  expect(await scramVerifier('pencil')).not.toBe(await scramVerifier('pencil'))
})

test.each(['Straße', 'tab\there'])('the password %j is refused and not repeated', async (password) => {
  const refused = scramVerifier(password)
  await expect(refused).rejects.toThrow('expected printable ASCII')
  await expect(refused).rejects.not.toThrow(password)
})
