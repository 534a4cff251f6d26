import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { parseSecretArn } from './secret-arn.ts'
import { createSecretsManager, SecretUnavailable } from './secrets-manager.ts'
import { type FakeSecretsManager, startFakeSecretsManager } from './testing/fake-secrets-manager.ts'

const arn = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:dayshift/database-AbCdEf'
const master = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!db-0a1b2c3d-4e5f-AbCdEf'

describe('the ARN of a secret', () => {
  // The examples of the Amazon ECS developer guide, "Pass Secrets Manager secrets through Amazon ECS environment variables".
  const example = 'arn:aws:secretsmanager:region-1:123456789012:secret:appauthexample-AbCdEf'
  test.each([
    [example, {}],
    [`${example}:username1::`, { jsonKey: 'username1' }],
    [`${example}::AWSPREVIOUS:`, { versionStage: 'AWSPREVIOUS' }],
    [`${example}:::9d4cb84b-ad69-40c0-a0ab-cead3EXAMPLE`, { versionId: '9d4cb84b-ad69-40c0-a0ab-cead3EXAMPLE' }],
    [`${example}:username1:AWSPREVIOUS:`, { jsonKey: 'username1', versionStage: 'AWSPREVIOUS' }],
  ])('%s', (text, parts) => {
    expect(parseSecretArn(text)).toEqual({
      secretId: example,
      region: 'region-1',
      jsonKey: undefined,
      versionStage: undefined,
      versionId: undefined,
      ...parts,
    })
  })

  test.each([
    'dayshift/database',
    'arn:aws:s3:::bucket',
    'arn:aws:secretsmanager:eu-central-1:1234:secret:short-account',
    `${example}:a:b:c:d`,
    '',
  ])('%j is none', (text) => {
    expect(parseSecretArn(text)).toBeUndefined()
  })
})

describe('a secret of Secrets Manager', () => {
  let fake: FakeSecretsManager
  beforeAll(async () => {
    fake = await startFakeSecretsManager()
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'example')
  })
  afterAll(() => {
    vi.unstubAllEnvs()
    fake.close()
  })
  beforeEach(() => fake.secrets.clear())
  const get = (arn: string) => createSecretsManager({ endpoint: fake.url }).get(arn)

  test('is its text, or one value of its JSON; the region is that of the ARN', async () => {
    fake.secrets.set(arn, { text: { AWSCURRENT: 'plain: text', AWSPREVIOUS: 'before' } })
    fake.secrets.set(master, { text: { AWSCURRENT: '{"username":"master","password":"p:w","port":5432}' } })
    expect(await get(arn)).toBe('plain: text')
    expect(await get(`${arn}::AWSPREVIOUS:`)).toBe('before')
    expect(await get(`${master}:password::`)).toBe('p:w')
    expect(await get(`${master}:port::`)).toBe('5432')
  })

  test('is asked for anew each time', async () => {
    fake.secrets.set(arn, { text: { AWSCURRENT: 'one' } })
    const manager = createSecretsManager({ endpoint: fake.url })
    expect(await manager.get(arn)).toBe('one')
    fake.secrets.set(arn, { text: { AWSCURRENT: 'two' } })
    expect(await manager.get(arn)).toBe('two')
  })

  test.each([
    ['is not there', arn, undefined, /there is no such secret or version in eu-central-1/],
    [
      'is not ours to read',
      arn,
      { error: { name: 'AccessDeniedException', status: 400, message: 'User: arn:aws:sts::1:x is not authorized' } },
      /access is denied\. Allow .* secretsmanager:GetSecretValue/,
    ],
    [
      'is to be deleted',
      arn,
      { error: { name: 'InvalidRequestException', status: 400, message: 'it was marked for deletion.' } },
      /cannot be read now.*marked for deletion/,
    ],
    [
      'cannot be decrypted',
      arn,
      { error: { name: 'DecryptionFailure', status: 400, message: '' } },
      /Allow .* kms:Decrypt/,
    ],
    ['is binary', arn, { binary: Buffer.from('hunter2') }, /is binary\. Expected text/],
    [
      'has no such key',
      `${arn}:password::`,
      { text: { AWSCURRENT: '{"user":"hunter2"}' } },
      /key "password"; it has "user"/,
    ],
    ['has no text there', `${arn}:a::`, { text: { AWSCURRENT: '{"a":{"b":"hunter2"}}' } }, /no text under the key "a"/],
    ['is not JSON', `${arn}:password::`, { text: { AWSCURRENT: 'hunter2' } }, /no JSON object.* ARN without a key/],
    ['is a JSON list', `${arn}:0::`, { text: { AWSCURRENT: '["hunter2"]' } }, /no JSON object/],
    ['has only what all objects have', `${arn}:toString::`, { text: { AWSCURRENT: '{}' } }, /it has no keys/],
    [
      'is named by something else',
      'arn:aws:s3:::bucket',
      undefined,
      /no ARN of a secret\. Expected arn:aws:secretsmanager/,
    ],
  ])('that %s is refused with what to do, without its value', async (_, asked, secret, message) => {
    if (secret) fake.secrets.set(arn, secret)
    const refused = get(asked)
    await expect(refused).rejects.toBeInstanceOf(SecretUnavailable)
    await expect(refused).rejects.toThrow(message)
    await expect(refused).rejects.not.toThrow('hunter2')
  })

  test('that nobody answers for is refused in time', async () => {
    const away = createSecretsManager({ endpoint: 'http://127.0.0.1:1' })
    await expect(away.get(arn)).rejects.toThrow(/Secrets Manager in eu-central-1 did not give it.*ECONNREFUSED/)
  })
})
