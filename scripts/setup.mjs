// Writes .env for docker compose: random secrets where none are set yet. What is there already is never changed.
// Plain JavaScript without dependencies on purpose: whoever has Docker needs no npm install.
import { randomBytes } from 'node:crypto'
import { appendFileSync, chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const SECRETS = [
  'POSTGRES_PASSWORD',
  'DATABASE_PASSWORD',
  'REDIS_PASSWORD',
  'S3_ACCESS_KEY_ID',
  'S3_SECRET_ACCESS_KEY',
  'SIGNING_SECRET',
  'GRAFANA_PASSWORD',
]

/** 32 random bytes that need no quotes, in a URL neither; an access key has 20 letters and digits, as those of AWS do. */
function makeSecret(name) {
  if (name !== 'S3_ACCESS_KEY_ID') return randomBytes(32).toString('base64url')
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  return Array.from(randomBytes(20), (byte) => letters[byte % letters.length]).join('')
}

const [given] = process.argv.slice(2)
if (given?.startsWith('-')) {
  console.error(
    'Usage: npm run setup [-- <file>]\nWrites what is missing into .env beside docker-compose.yml, or into another file.',
  )
  process.exit(given === '--help' ? 0 : 1)
}
const file = given ?? join(dirname(fileURLToPath(import.meta.url)), '..', '.env')
const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
// As Docker Compose and Node read it: the last line with a name counts, and an empty value is none.
const valueOf = (name) =>
  [...text.matchAll(new RegExp(`^[ \\t]*(?:export[ \\t]+)?${name}[ \\t]*=(.*)$`, 'gm'))].at(-1)?.[1].trim() ?? ''
const isSet = (name) => !['', '""', "''"].includes(valueOf(name))
const missing = SECRETS.filter((name) => !isSet(name))

if (!existsSync(file)) writeFileSync(file, '', { mode: 0o600, flag: 'wx' })
chmodSync(file, 0o600)
const newline = text === '' || text.endsWith('\n') ? '' : '\n'
if (missing.length > 0) appendFileSync(file, newline + missing.map((name) => `${name}=${makeSecret(name)}\n`).join(''))

console.log(missing.length > 0 ? `${file}: added ${missing.join(', ')}.` : `${file}: nothing is missing.`)
console.log('Keep it: the data of the containers can only be read with it. Start with: docker compose up')
