import type { Plan } from '../src/environment.ts'
import type { Subject } from './subject.ts'

/** One sentence about a stack that must be true. */
export interface Rule {
  /** In kebab-case, as exceptions and messages name it. */
  id: string
  /** Row of the list of rules that scanners know, 1 to 48; our own rules have none. */
  number?: number
  says: string
  /** Ids of Checkov (CKV) and Trivy (AWS-) that ask for the same, or the documentation that does. */
  sources: string[]
  check(subject: Subject, plan: Plan | undefined): Violation[]
}

export interface Violation {
  /** `aws_lb.load-balancer`; the type alone when there is none at all. */
  address: string
  expected: string
  came: string
}

/** Text of a value for people; a long one is cut, nothing is `nothing`. */
export function show(value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > 120 ? `${text.slice(0, 117)}…` : text
}
