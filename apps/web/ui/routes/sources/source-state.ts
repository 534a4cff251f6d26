import type { Source } from '../../api/answers.ts'
import type { Tone } from '../../components/badge.tsx'

type Checked = Pick<Source, 'active' | 'outcome' | 'failures'>

const words: Record<string, string> = { new: 'New items', unchanged: 'Unchanged', gone: 'Gone for good' }

/** A source's state in a word. What went wrong is named by its code, such as `not-a-feed`: "Not a feed". */
export function sourceState({ active, outcome, failures }: Checked): { tone: Tone; label: string } {
  const failed = failures > 0
  if (!active && !failed) return { tone: 'neutral', label: 'Paused' }
  if (outcome === null) return { tone: 'busy', label: 'Not checked yet' }
  const spaced = outcome.replaceAll('-', ' ').replace(/^http (\d)/, 'HTTP $1')
  const label = words[outcome] ?? spaced.charAt(0).toUpperCase() + spaced.slice(1)
  return { tone: failed ? (active ? 'warn' : 'bad') : 'good', label }
}
