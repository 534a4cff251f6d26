import type { JobState } from '../../api/answers.ts'
import { Badge, type Tone } from '../../components/badge.tsx'

const tones: Record<JobState, Tone> = {
  waiting: 'neutral',
  sent: 'neutral',
  running: 'busy',
  done: 'good',
  dead: 'bad',
}

export const stateNames: Record<JobState, string> = {
  waiting: 'Waiting',
  sent: 'Sent',
  running: 'Running',
  done: 'Done',
  dead: 'Dead',
}

export function StateBadge({ state }: { state: JobState }) {
  return <Badge tone={tones[state]}>{stateNames[state]}</Badge>
}
