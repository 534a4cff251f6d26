import { describe, expect, test } from 'vitest'
import { readOptions } from './options.ts'

const read = (line: string) => readOptions(line.split(' ').filter(Boolean), ['production', 'staging'])
const digest = `sha256:${'a'.repeat(64)}`

describe('the command line', () => {
  test('reads what a release needs, for production when nothing else is said', () => {
    expect(read('shift 1')).toEqual({
      command: { name: 'shift', percents: [1], watchMinutes: 10 },
      environment: 'production',
    })
    expect(read('shift 1 10 50 --watch-minutes 3 --env staging')).toEqual({
      command: { name: 'shift', percents: [1, 10, 50], watchMinutes: 3 },
      environment: 'staging',
    })
    expect(read(`prepare --web ${digest} --worker ${digest}`).command).toEqual({
      name: 'prepare',
      images: { web: digest, worker: digest },
    })
    expect(read('').command).toBe('help')
  })

  test.each([
    ['shift', 'expected one or more of 1, 10, 50, 90, 100'],
    ['shift 20', 'expected one or more of 1, 10, 50, 90, 100'],
    ['shift 50 10', 'expected steps upwards'],
    ['shift 1 --watch-minutes soon', 'expected whole minutes'],
    ['shift 1 --web x', 'shift takes no --web'],
    ['rollback --watch-minutes 3', 'rollback takes no --watch-minutes'],
    ['prepare --web latest --worker latest', '--web latest: expected sha256:'],
    ['prepare', '--web is missing: expected sha256:'],
    ['deploy', 'deploy: expected status, migrate'],
    ['status --env qa', '--env qa: expected production, staging'],
    ['status twice', 'status takes no twice'],
    ['--force', 'Unknown option'],
  ])('refuses "%s" with how it is used', (line, message) => {
    expect(() => read(line)).toThrow(message)
    expect(() => read(line)).toThrow('Usage: npm run release')
  })
})
