import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A document and where it is, from the root of the repository. */
export interface Document {
  path: string
  text: string
}

export const readDocument = (path: string): Document => ({ path, text: readFileSync(join(root, path), 'utf8') })

/** All that people read. */
export function listDocuments(): Document[] {
  const inDocs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  const paths = inDocs.filter((path) => path.endsWith('.md')).map((path) => join('docs', path))
  return ['README.md', 'CONTRIBUTING.md', ...paths.sort()].map(readDocument)
}

/** What is between fences of a shell, and in backticks: a line each, without comments and without what follows `&&`, `|` or `>`. */
export function commandsOf({ text }: Document): string[] {
  const fenced = [...text.matchAll(/^ *```sh\n(.*?)^ *```/gms)].flatMap(([, block]) =>
    block!.replaceAll(/ *\\\n */g, ' ').split('\n'),
  )
  const quoted = [...text.replaceAll(/^ *```.*?^ *```/gms, '').matchAll(/`([^`\n]+)`/g)].map(([, code]) => code!)
  return [...fenced, ...quoted]
    .flatMap((line) => line.replace(/(^|\s)#.*/, '').split(/&&|\||;|\s>/))
    .map((command) => command.trim())
    .filter((command) => command !== '')
}

/** A script of npm, of which package, and with which arguments. */
export interface ScriptCall {
  script: string
  /** Folder of its package. */
  folder: string
  args: string[]
}

/** Of a command such as `npm run release -- shift 10`; undefined when it runs no script. */
export function scriptOf(command: string): ScriptCall | undefined {
  const [program, ...words] = command.split(/\s+/)
  if (program !== 'npm') return undefined
  const end = words.indexOf('--')
  const own = end < 0 ? words : words.slice(0, end)
  const [, workspace] = /--workspace (?:@dayshift\/)?(\S+)/.exec(own.join(' ')) ?? []
  const [, prefix] = /--prefix (\S+)/.exec(own.join(' ')) ?? []
  const script = own[0] === 'run' ? own.slice(1).find((word) => !word.startsWith('-')) : own[0]
  if (script === undefined || ['ci', 'install'].includes(script)) return undefined
  return {
    script,
    folder: prefix ?? (workspace ? folderOf(workspace) : '.'),
    args: end < 0 ? [] : words.slice(end + 1),
  }
}

function folderOf(workspace: string): string {
  const found = [join('apps', workspace), join('packages', workspace), workspace]
  return found.find((folder) => existsSync(join(root, folder, 'package.json'))) ?? workspace
}

export function scriptsIn(folder: string): string[] {
  const { scripts } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as { scripts?: object }
  return Object.keys(scripts ?? {})
}

/** Links to other places of the repository that lead nowhere: `docs/a.md: b.md#c`. */
export function brokenLinks(document: Document): string[] {
  const { path, text } = document
  const links = [...text.replaceAll(/^ *```.*?^ *```/gms, '').matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!)
  return links
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const [file = '', anchor] = link.split('#')
      const target = file === '' ? path : relative(root, join(root, dirname(path), file))
      if (!existsSync(join(root, target))) return true
      return anchor !== undefined && !anchorsOf(readDocument(target)).includes(anchor)
    })
    .map((link) => `${path}: ${link}`)
}

/** Headings as GitHub names them: lower case, without punctuation, with hyphens for spaces. */
function anchorsOf({ text }: Document): string[] {
  const headings = [...text.replaceAll(/^ *```.*?^ *```/gms, '').matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading!)
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-'),
  )
}

/** The cells of the rows of a table, by their first cell without its link. */
export function rowsOf({ text }: Document): Map<string, string[]> {
  const rows = [...text.matchAll(/^\|(.+)\|$/gm)].map(([, row]) => row!.split('|').map((cell) => cell.trim()))
  return new Map(rows.map(([first = '', ...rest]) => [first.replace(/^\[([^\]]+)\]\([^)]*\)/, '$1'), rest]))
}
