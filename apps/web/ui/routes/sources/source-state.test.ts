import { expect, test } from 'vitest'
import { sourceState } from './source-state.ts'

test.each([
  [
    { active: true, outcome: null, failures: 0 },
    { tone: 'busy', label: 'Not checked yet' },
  ],
  [
    { active: true, outcome: 'new', failures: 0 },
    { tone: 'good', label: 'New items' },
  ],
  [
    { active: true, outcome: 'unchanged', failures: 0 },
    { tone: 'good', label: 'Unchanged' },
  ],
  [
    { active: true, outcome: 'not-a-feed', failures: 2 },
    { tone: 'warn', label: 'Not a feed' },
  ],
  [
    { active: true, outcome: 'http-404', failures: 1 },
    { tone: 'warn', label: 'HTTP 404' },
  ],
  [
    { active: false, outcome: 'gone', failures: 1 },
    { tone: 'bad', label: 'Gone for good' },
  ],
  [
    { active: false, outcome: 'unchanged', failures: 0 },
    { tone: 'neutral', label: 'Paused' },
  ],
] as const)('%j is %j', (source, state) => {
  expect(sourceState(source)).toEqual(state)
})
