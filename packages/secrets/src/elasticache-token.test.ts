import { expect, test } from 'vitest'
import { createElastiCacheTokens } from './elasticache-token.ts'

const credentials = async () => ({
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: 'to/ken+=',
})
const name = 'dayshift-production'

test('a token is the request that botocore signs for the same moment, without its scheme', async () => {
  const clock = () => new Date('2026-11-21T10:00:00Z')
  const token = await createElastiCacheTokens({ region: 'us-east-1', cache: name, user: name, credentials, clock })()
  const url = new URL(`http://${token}`)
  expect(url.host + url.pathname).toBe('dayshift-production/')
  // Printed by botocore's SigV4QueryAuth(credentials, 'elasticache', 'us-east-1', expires=900).
  expect(Object.fromEntries(url.searchParams)).toEqual({
    Action: 'connect',
    User: name,
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': 'AKIDEXAMPLE/20261121/us-east-1/elasticache/aws4_request',
    'X-Amz-Date': '20261121T100000Z',
    'X-Amz-Expires': '900',
    'X-Amz-SignedHeaders': 'host',
    'X-Amz-Security-Token': 'to/ken+=',
    'X-Amz-Signature': '17e14cf55e27e9ece0fd0383c3404f2ab3c527772157db9d6c52d344ab275dc2',
  })
})

test('each token is of its own moment', async () => {
  let now = Date.parse('2026-11-21T10:00:00Z')
  const clock = () => new Date((now += 60_000))
  const token = createElastiCacheTokens({ region: 'us-east-1', cache: name, user: name, credentials, clock })
  expect(await token()).not.toBe(await token())
})
