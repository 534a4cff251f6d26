import { expect, test } from 'vitest'
import { unfence, unfencing } from './fences.ts'

test.each([
  ['{"a":1}', '{"a":1}'],
  ['```json\n{"a":1}\n```', '{"a":1}'],
  ['```\n{"a":1}\n```\n', '{"a":1}'],
  ['\n```JSON\n{"a":"```"}\n```', '{"a":"```"}'],
  ['```json{"a":1}```', '{"a":1}'],
  ['```json\n{"a":', '{"a":'],
  ['{"a":"```"}', '{"a":"```"}'],
  ['``', '``'],
  ['', ''],
])('%j without its fence is %j, however it is cut', (text, body) => {
  expect(unfence(text)).toBe(body)
  for (let size = 1; size < 5; size += 1) {
    const { push, end } = unfencing()
    const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []
    expect(pieces.map(push).join('') + end()).toBe(body)
  }
})

test('long runs of blanks take no long time', () => {
  const start = performance.now()
  const text = `\`\`\`json\n{"a":"${' '.repeat(500_000)}x"}\n\`\`\``
  expect(unfence(text)).toHaveLength(500_009)
  expect(performance.now() - start).toBeLessThan(1000)
})
