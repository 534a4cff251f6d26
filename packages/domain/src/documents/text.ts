import { stripHidden } from './hidden-characters.ts'
import { escapeHtml, isElement, parseHtml, type HtmlElement, type HtmlNode } from './html-tree.ts'

/** Elements whose content is no text of the document. */
export const silent = new Set([
  'script',
  'style',
  'template',
  'head',
  'title',
  'svg',
  'math',
  'iframe',
  'object',
  'embed',
  'canvas',
  'audio',
  'video',
  'select',
  'frameset',
  'datalist',
  'map',
])
const paragraphs = new Set([
  'p',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'div',
  'section',
  'article',
  'main',
  'header',
  'footer',
  'aside',
  'nav',
  'figure',
  'figcaption',
  'blockquote',
  'ul',
  'ol',
  'dl',
  'table',
  'pre',
  'textarea',
  'details',
  'form',
  'fieldset',
  'address',
  'hr',
  'body',
])
const lines = new Set(['li', 'dt', 'dd', 'tr', 'caption', 'summary', 'legend'])
/** Within these a paragraph is a line: its blank lines would tear rows and lists apart. */
const tight = new Set(['li', 'dt', 'dd', 'td', 'th', 'pre'])
const verbatim = new Set(['pre', 'textarea', 'listing', 'xmp', 'plaintext'])

/** White space but U+FEFF, which shows nothing and must not tear a name apart. */
const space = /[^\S\ufeff]+/g

interface Writing {
  parts: string[]
  /** What the next word is set apart with: line breaks, a tab between cells, the mark of a list item, or a blank. */
  breaks: number
  tab: boolean
  bullet: boolean
  blank: boolean
}

interface Place {
  tight: boolean
  verbatim: boolean
}

/**
 * The text as a reader takes it in: paragraphs apart by a blank line, list items and table rows by a line break, cells
 * by a tab, preformatted lines as they are, images as their alternative text.
 */
export function textOf(nodes: readonly HtmlNode[]): string {
  const writing: Writing = { parts: [], breaks: 0, tab: false, bullet: false, blank: false }
  for (const node of nodes) write(writing, node, { tight: false, verbatim: false })
  return writing.parts.join('').trimEnd()
}

function write(writing: Writing, node: HtmlNode, place: Place): void {
  if (typeof node === 'string') return place.verbatim ? addVerbatim(writing, node) : addInline(writing, node)
  if (silent.has(node.name)) return
  if (node.name === 'br') return addBreaks(writing, place.tight ? 1 : Math.min(writing.breaks + 1, 2))
  if (node.name === 'img') return addInline(writing, ` ${node.attributes['alt'] ?? ''} `)
  if (node.name === 'td' || node.name === 'th') startCell(writing, node)
  const breaks = paragraphs.has(node.name) ? (place.tight ? 1 : 2) : lines.has(node.name) ? 1 : 0
  addBreaks(writing, breaks)
  const inner = {
    tight: place.tight || tight.has(node.name),
    verbatim: place.verbatim || verbatim.has(node.name),
  }
  if (node.name === 'li') writing.bullet = true
  for (const child of node.children) write(writing, child, inner)
  addBreaks(writing, breaks)
}

function addBreaks(writing: Writing, breaks: number): void {
  if (writing.parts.length > 0 && breaks > writing.breaks) writing.breaks = breaks
}

function startCell(writing: Writing, cell: HtmlElement): void {
  const isFirst = cell.parent?.children.find(isElement) === cell
  if (isFirst) return
  writing.tab = true
  writing.breaks = 0
}

function addInline(writing: Writing, text: string): void {
  const words = text.replace(space, ' ')
  if (words === '') return
  if (words === ' ') {
    writing.blank = true
    return
  }
  separate(writing, words.startsWith(' '))
  writing.parts.push(words.trim())
  writing.blank = words.endsWith(' ')
}

function addVerbatim(writing: Writing, text: string): void {
  const body = text.replace(/\r\n?/g, '\n').replaceAll('\u00a0', ' ')
  const isStart = writing.breaks > 0 || writing.parts.length === 0
  if (isStart && body.trim() === '') return
  separate(writing, false)
  writing.parts.push(isStart ? body.replace(/^(?:[^\S\n]*\n)+/, '') : body)
}

function separate(writing: Writing, blank: boolean): void {
  const last = writing.parts.at(-1)
  if (last !== undefined && writing.breaks > 0) {
    writing.parts[writing.parts.length - 1] = last.trimEnd()
    writing.parts.push('\n'.repeat(writing.breaks))
  } else if (writing.tab) writing.parts.push('\t')
  else if ((blank || writing.blank) && last !== undefined && !/\s/.test(last.at(-1) ?? '')) writing.parts.push(' ')
  if (writing.bullet) writing.parts.push('- ')
  writing.breaks = 0
  writing.tab = false
  writing.bullet = false
  writing.blank = false
}

/** A fragment of HTML as text; characters that show nothing are removed. */
export function htmlToText(html: string): string {
  return stripHidden(textOf(parseHtml(html).children)).text.trim()
}

const entity = /&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z][a-z\d]{1,30});/i

/** Text with its entities resolved and its angle brackets untouched. */
function decodeEntities(text: string): string {
  if (!entity.test(text)) return text
  return parseHtml(text.replaceAll('<', '&lt;'))
    .children.map((node) => (isElement(node) ? '' : node))
    .join('')
}

/**
 * A title or a name in one line, at most 1,000 characters: tags stripped when it is HTML, entities resolved, also when
 * they were encoded twice.
 */
export function plainLine(text: string, options: { html: boolean } = { html: true }): string {
  const start = text.slice(0, 20_000)
  const once = options.html ? textOf(parseHtml(start).children) : start
  return oneLine(decodeEntities(once))
}

/** One line without characters that show nothing, at most 1,000 characters. */
export function oneLine(text: string): string {
  return stripHidden(text.replace(space, ' ')).text.replace(space, ' ').trim().slice(0, 1000).toWellFormed()
}

/** Plain text as HTML paragraphs. */
export function textToHtml(text: string): string {
  return text
    .split(/\n\s*\n/)
    .filter((part) => part.trim())
    .map((part) => `<p>${escapeHtml(part.trim()).replaceAll('\n', '<br>')}</p>`)
    .join('\n')
}
