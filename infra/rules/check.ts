import type { Plan } from '../src/environment.ts'
import { type Exception, exceptions as written } from './exceptions.ts'
import type { Rule, Violation } from './rule.ts'
import { rules as all } from './rules.ts'
import { type StackJson, subjectOf } from './subject.ts'

export interface Broken extends Violation {
  rule: Rule
}

export interface Report {
  broken: Broken[]
  /** Exceptions that covered something here. */
  used: Set<Exception>
}

/** What a stack breaks of the rules, but for what is written as an exception. Without a plan it is a stack of the account. */
export function checkStack(
  json: StackJson,
  plan: Plan | undefined,
  { rules, exceptions }: { rules: Rule[]; exceptions: Exception[] } = { rules: all, exceptions: written },
): Report {
  const subject = subjectOf(json)
  const used = new Set<Exception>()
  const broken = rules
    .flatMap((rule) => rule.check(subject, plan).map((violation): Broken => ({ ...violation, rule })))
    .filter((violation) => {
      const found = exceptions.filter((exception) => covers(exception, violation, plan))
      for (const exception of found) used.add(exception)
      return found.length === 0
    })
  return { broken, used }
}

/** Whether the exception excuses the violation. */
const covers = ({ rule, address, came, where }: Exception, violation: Broken, plan: Plan | undefined): boolean =>
  rule === violation.rule.id &&
  matches(address, violation.address) &&
  matches(came, violation.came) &&
  where.includes(plan?.profile ?? 'account')

const matches = (pattern: string, text: string): boolean => {
  const literal = (part: string): string => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${pattern.split('*').map(literal).join('.*')}$`).test(text)
}

/** For the author of the stack: what is wrong, and the two ways out. */
export const sentenceOf = ({ rule, address, expected, came }: Broken): string =>
  `${address} breaks the rule ${rule.id}: ${rule.says} Expected ${expected}, came ${came}. ` +
  `Change it, or write an exception with its reason into infra/rules/exceptions.ts: ` +
  `{ rule: '${rule.id}', address: '${address}', came: '${came}', … }.`
