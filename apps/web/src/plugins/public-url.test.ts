import { describe, expect, test } from 'vitest'
import { useTestWeb } from '../testing/web.ts'

const web = useTestWeb({ publicUrl: 'https://dayshift.example' })

describe('behind a public https address', () => {
  test('only exactly that origin may change things', async () => {
    const change = async (origin: string) => {
      const payload = { url: 'https://feeds.example.org/public-url' }
      return (await web().person('POST', '/api/v1/sources', { payload, headers: { origin } })).statusCode
    }
    expect(await change('https://dayshift.example')).toBe(201)
    expect(await change('http://dayshift.example')).toBe(403)
    expect(await change('https://dayshift.example:444')).toBe(403)
    expect(await change('https://x.dayshift.example')).toBe(403)
    expect(await change('http://localhost')).toBe(403)
  })

  test('browsers are told to come by https only, on every answer', async () => {
    for (const path of ['/api/v1/health/live', '/api/v1/articles', '/api/nothing', '/']) {
      const { headers } = await web().nobody('GET', path)
      expect(headers['strict-transport-security']).toBe('max-age=31536000; includeSubDomains')
    }
  })
})
