import type { ErrorComponentProps } from '@tanstack/react-router'
import { ProblemError } from '../api/problem.ts'
import { Button } from './button.tsx'
import { Icon } from './icon.tsx'
import { icons } from './icons.ts'
import styles from './notes.module.css'

/** What went wrong in words, with the id under which the server's log has it. */
export function ProblemNote({ error, retry }: { error: Error; retry?: (() => void) | undefined }) {
  const problem = error instanceof ProblemError ? error : undefined
  return (
    <div role="alert" className={styles.problem}>
      <Icon path={icons.warning} />
      <div>
        <strong>{problem?.title ?? 'Something went wrong in the page'}</strong>
        <p>{error.message}</p>
        {problem?.requestId !== undefined && (
          <p className={styles.small}>
            Request <code>{problem.requestId}</code>
          </p>
        )}
        {retry && <Button onClick={retry}>Try again</Button>}
      </div>
    </div>
  )
}

/** For errors that no page expected. */
export function Crash({ error, reset }: ErrorComponentProps) {
  return <ProblemNote error={error instanceof Error ? error : new Error(String(error))} retry={reset} />
}
