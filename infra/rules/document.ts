import { readFileSync, writeFileSync } from 'node:fs'
import { type Exception, exceptions } from './exceptions.ts'
import type { Rule } from './rule.ts'
import { rules } from './rules.ts'

const file = new URL('../../docs/infra-rules.md', import.meta.url)

/** docs/infra-rules.md as it is. */
export const readDocument = (): string => readFileSync(file, 'utf8')
export const writeDocument = (): void => writeFileSync(file, documentText())

/** All rules and all exceptions, as the project's formatter lays them out. */
export function documentText(): string {
  return `# Rules of the infrastructure

What every stack is held to. The synthesis stops at what breaks a rule and says what was expected, what came, and how to write an
exception. Rows 1 to 48 are what scanners look for (Checkov, \`CKV\`; Trivy, \`AWS-\`); the others are our own.

This page is written by \`node infra/rules/main.ts\`, from \`infra/rules\`; a test compares them.

${table(['Row', 'Rule', 'What it says', 'Sources', 'Exceptions in'], rules.map(rowOf))}

## Exceptions

Each excuses one thing that a rule finds, by its address and by what came, and nothing else. A test finds those that excuse nothing
any more.

${exceptions.map(itemOf).join('\n')}
`
}

function rowOf({ id, number, says, sources }: Rule): string[] {
  const where = exceptions.filter(({ rule }) => rule === id).flatMap((exception) => exception.where)
  return [
    number === undefined ? '' : String(number),
    code(id),
    says,
    sources.join(', '),
    [...new Set(where)].join(', '),
  ]
}

const itemOf = ({ rule, address, came, where, reason }: Exception): string =>
  `- ${code(rule)} of ${code(address)}, where ${code(came)} came, in ${where.join(', ')}. ${reason}`

const code = (text: string): string => `\`${text.replaceAll('`', "'")}\``

function table(heads: string[], rows: string[][]): string {
  const cells = [heads, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|').replaceAll('*', '\\*')))
  const widths = heads.map((_, column) => Math.max(3, ...cells.map((row) => row[column]!.length)))
  const line = (row: string[]): string => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`
  const [head, ...body] = cells
  return [line(head!), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n')
}
