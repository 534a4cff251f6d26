import { expect, test } from 'vitest'
import { documentText, readDocument } from './document.ts'

test('the page of the rules is what the rules say; `node infra/rules/main.ts` writes it', () => {
  expect(readDocument()).toBe(documentText())
})
