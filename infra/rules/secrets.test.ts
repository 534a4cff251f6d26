import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { environments } from '../src/environments.ts'
import { profiles } from '../src/profiles.ts'
import { findSecrets } from './secrets.ts'
import { writeStack } from '../testing/stacks.ts'
import { readStack } from '../testing/terraform.ts'

// The keys are the examples of the AWS documentation; the addresses are of RFC 5737.
const wrong: [string, unknown, string][] = [
  ['an access key', { environment: 'AKIAIOSFODNN7EXAMPLE' }, 'an access key of AWS'],
  ['a secret key', { value: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' }, 'a text that looks like a key'],
  ['a token of GitHub', { value: `ghp_${'a1B2'.repeat(9)}` }, 'a token of GitHub'],
  ['a private key', { value: '-----BEGIN RSA PRIVATE KEY-----\nMIIE' }, 'a private key'],
  ['a password in an address', { url: 'postgres://app:hunter2@db:5432/app' }, 'a password in an address'],
  ['a password in clear', { resource: { password: 'hunter2' } }, 'a secret in clear'],
  ['a write-only password in clear', { secret_string_wo: 'hunter2' }, 'a secret in clear'],
  ['an account number', { role: 'arn:aws:iam::123456789012:role/web' }, 'an account number in an ARN'],
  ['an address in the internet', { cidr: ['203.0.113.7/32'] }, 'a public address'],
  [
    'any of them in JSON in a text',
    { policy: '{"Principal":{"AWS":"arn:aws:iam::123456789012:root"}}' },
    'an account number in an ARN',
  ],
]
const right: unknown[] = [
  { cidr: '10.20.0.0/16', everywhere: '0.0.0.0/0', metadata: '169.254.169.254' },
  { arn: 'arn:${data.aws_partition.partition.partition}:iam::${data.aws_caller_identity.account.account_id}:role/web' },
  { managed: 'arn:aws:iam::aws:policy/AWSSupportAccess' },
  { image: `dayshift/web@sha256:${'0123456789abcdef'.repeat(4)}` },
  { policy_id: '658327ea-f89d-4fab-a63d-7e88639e58f6', version: '6.25.0' },
  { secret_string_wo: '${ephemeral.aws_secretsmanager_random_password.p.random_password}' },
  { url: 'postgres://app@db:5432/app?sslmode=verify-full' },
]

describe('the search for secrets', () => {
  it.each(wrong)('finds %s, and does not repeat it', (_, stack, what) => {
    expect(findSecrets(stack).map((finding) => finding.what)).toContain(what)
    expect(JSON.stringify(findSecrets(stack))).not.toMatch(/hunter2|EXAMPLE|123456789012/)
  })

  it.each(right)('finds nothing in %j', (stack) => {
    expect(findSecrets(stack)).toEqual([])
  })

  it('says where', () => {
    expect(findSecrets({ resource: { a: [{ token: 'x' }] } })).toEqual([
      { path: 'resource.a.0.token', what: 'a secret in clear' },
    ])
  })
})

describe('the stacks', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dayshift-secrets-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))
  const cases = environments.flatMap(({ name }) =>
    Object.values(profiles).map((profile) => [name, profile.name] as const),
  )

  it.each(cases)('of %s in the profile %s hold no secret', async (name, profile) => {
    const stack = await readStack(writeStack(join(folder, `${name}-${profile}`), name, profile))
    expect(Object.keys(stack.resource ?? {}).length).toBeGreaterThan(20)
    expect(findSecrets(stack)).toEqual([])
  })
})
