import { readFile } from 'node:fs/promises'
import { ConfigError, readConfig, variableNames } from '@dayshift/domain/config'
import { describe, expect, test } from 'vitest'

describe('configuration', () => {
  test('an empty environment gives the defaults of the embedded run', () => {
    const { config, secrets } = readConfig({ PORT: '', UNRELATED: 'x' })
    expect(config).toMatchObject({ PORT: 8765, HOST: '127.0.0.1', ALLOW_ORIGINS: [], DEFAULT_SOURCES: true })
    expect(secrets).toEqual({})
  })

  test('each wrong variable gets a line with what came and what was expected, and no secret is repeated', () => {
    const wrong = { PORT: 'eighty', ALLOW_ORIGINS: 'http://a.test/path', DATABASE_URL: 'mysql://root:hunter2@db/x' }
    const message = (() => {
      try {
        readConfig(wrong)
      } catch (error) {
        return error instanceof ConfigError ? error.message : undefined
      }
    })()
    expect(message?.split('\n')).toHaveLength(3)
    expect(message).toContain('PORT=eighty')
    expect(message).toContain('expected origins')
    expect(message).toContain('postgres://')
    expect(message).not.toContain('hunter2')
  })

  test('the list of variables in the documentation and in .env.example is whole', async () => {
    const places = ['../../../docs/configuration.md', '../../../.env.example']
    for (const place of places) {
      const text = await readFile(new URL(place, import.meta.url), 'utf8')
      expect(variableNames.filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([])
    }
  })
})
