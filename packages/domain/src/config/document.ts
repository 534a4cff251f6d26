import { formOf, getAbout, type Reader } from './variable.ts'
import { subjects } from './variables.ts'

export interface Variable {
  name: string
  subject: string
  /** What is expected, in words. */
  type: string
  default: string | undefined
  secret: boolean
  readBy: Reader[]
  meaning: string
}

/** Every environment variable, in the order of the documentation. */
export const variables: Variable[] = subjects.flatMap(({ subject, secrets, settings }) =>
  [secrets, settings].flatMap((schemas) =>
    Object.entries(schemas).map(([name, schema]) => ({
      name,
      subject,
      secret: schemas === secrets,
      ...formOf(schema),
      ...getAbout(schema),
    })),
  ),
)

const HEADS = ['variable', 'type', 'default', 'secret', 'read by', 'meaning']

/** The tables of `docs/configuration.md`, one for each subject. */
export function configurationMarkdown(): string {
  return subjects
    .map(({ subject }) => {
      const rows = variables
        .filter((variable) => variable.subject === subject)
        .map(({ name, type, default: value, secret, readBy, meaning }) => [
          `\`${name}\``,
          type,
          value === undefined ? '–' : `\`${value}\``,
          secret ? 'yes' : '–',
          readBy.join(', '),
          meaning,
        ])
      return `### ${subject}\n\n${markdownTable([HEADS, ...rows])}`
    })
    .join('\n\n')
}

/** As Prettier would set it. */
function markdownTable([heads = [], ...rows]: string[][]): string {
  const widths = heads.map((_, column) => Math.max(...[heads, ...rows].map((row) => row[column]?.length ?? 0)))
  const line = (cells: string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(heads), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}

/** `.env.example`: every variable with its default. */
export function environmentExample(): string {
  const parts = subjects.map(({ subject }) => {
    const lines = variables
      .filter((variable) => variable.subject === subject)
      .map(({ name, default: value = '' }) => `${name}=${value}`)
    return `# ${subject}\n${lines.join('\n')}\n`
  })
  return `# Made by: npm run configuration. All are optional; docs/configuration.md says what they mean.
# Copy what you set to .env and run with: node --env-file=.env apps/cli/src/main.ts (or export it before npm start).
# For docker compose: npm run setup. A secret may also come from a file (NAME_FILE) or AWS Secrets Manager (NAME_ARN).

${parts.join('\n')}`
}
