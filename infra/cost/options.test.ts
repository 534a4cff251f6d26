import { describe, expect, test } from 'vitest'
import { readOptions } from './options.ts'

const read = (...args: string[]) => readOptions(args, ['production', 'staging'])

describe('the command line', () => {
  test('names an environment, a profile and a form', () => {
    expect(read('--env', 'production', '--profile', 'ha', '--json')).toEqual({
      profile: 'ha',
      environment: 'production',
      plan: undefined,
      json: true,
      save: false,
      help: false,
    })
    expect(read()).toMatchObject({ profile: undefined, environment: undefined, json: false })
  })

  test.each([
    [['--profile', 'cheap'], '--profile cheap: expected economy, standard, ha.'],
    [['--env', 'test'], '--env test: expected production, staging.'],
    [['--plan', 'plan.json'], '--plan needs --env'],
    [['--profil', 'ha'], "Unknown option '--profil'."],
    [['ha'], "Unexpected argument 'ha'."],
  ])('%j is refused with what was expected', (args, message) => {
    expect(() => read(...args)).toThrow(message)
    expect(() => read(...args)).toThrow('Usage: npm run cost')
  })
})
