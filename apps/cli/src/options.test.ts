import { StartError } from '@dayshift/runtime'
import { describe, expect, test } from 'vitest'
import { readOptions, usage } from './options.ts'

const refusal = (...args: string[]): string => {
  try {
    readOptions(args)
  } catch (error) {
    if (error instanceof StartError) return error.message
    throw error
  }
  return ''
}

describe('the command line', () => {
  test('without options it serves', () => {
    expect(readOptions([])).toMatchObject({ once: false, json: false, opml: [], allowOrigins: [] })
  })

  test('the main job takes any number of lists, feeds and pages', () => {
    const args = [
      '--once',
      '--opml',
      'a.opml',
      '--opml',
      'b.opml',
      '--feed',
      'https://a.test/rss',
      '--page',
      'https://b.test/',
    ]
    expect(readOptions(args)).toMatchObject({
      once: true,
      opml: ['a.opml', 'b.opml'],
      feeds: ['https://a.test/rss'],
      pages: ['https://b.test/'],
    })
  })

  test('every option of the help is known', () => {
    const named = [...usage.matchAll(/^ +(--[a-z-]+)/gm)].map(([, name]) => name ?? '')
    expect(named.length).toBeGreaterThan(7)
    for (const name of named) expect(refusal(name)).not.toMatch(/Unknown option/)
  })

  test.each([
    [['--ones'], /Unknown option '--ones'.*--help/],
    [['feeds.opml'], /Unexpected argument 'feeds.opml'/],
    [['--once'], /--once needs something to collect from/],
    [['--opml', 'a.opml'], /go with --once/],
    [['--data'], /--data.*argument/],
    [['--allow-origin', 'http://127.0.0.1:8099/feed'], /expected an origin such as/],
    [['--allow-origin', 'localhost'], /expected an origin such as/],
  ])('%j is refused in one line', (args, message) => {
    const line = refusal(...args)
    expect(line).toMatch(message)
    expect(line).not.toContain('\n')
  })
})
