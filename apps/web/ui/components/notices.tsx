import { useSyncExternalStore } from 'react'
import { ProblemError } from '../api/problem.ts'
import styles from './notices.module.css'

interface Notice {
  text: string
  failed: boolean
}

const SHOWN_MS = 6000
let current: Notice | undefined
let timer: ReturnType<typeof setTimeout> | undefined
const listeners = new Set<() => void>()

/** Says at the foot of the page what an action came to. */
export function notify(text: string, failed = false): void {
  show({ text, failed })
  clearTimeout(timer)
  timer = setTimeout(() => show(undefined), SHOWN_MS)
}

/** For a mutation's onError. */
export function notifyProblem(error: Error): void {
  const requestId = error instanceof ProblemError ? error.requestId : undefined
  notify(requestId === undefined ? error.message : `${error.message} (request ${requestId})`, true)
}

function show(notice: Notice | undefined): void {
  current = notice
  for (const listener of listeners) listener()
}

function listen(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function Notices() {
  const notice = useSyncExternalStore(listen, () => current)
  return (
    <div role="status" className={styles.notices}>
      {notice && <p className={notice.failed ? styles.failed : undefined}>{notice.text}</p>}
    </div>
  )
}
