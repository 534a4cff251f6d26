import { createElement, type ReactNode } from 'react'

/** An element whose end has not come yet. `tag` is empty when only its content is shown. */
interface Open {
  name: string
  tag: string
  props: Record<string, unknown>
  children: ReactNode[]
  hasText: boolean
}

const words = (text: string): Set<string> => new Set(text.split(' '))
const shown = words(
  'p h2 h3 h4 h5 h6 a ul ol li dl dt dd pre code kbd samp var blockquote q cite em strong b i u s sub sup small mark ' +
    'del ins abbr table caption thead tbody tfoot tr th td figure figcaption details summary div span section time',
)
const empty = words('br hr wbr')
const droppedWithoutText = words('a p h2 h3 h4 h5 h6 ul ol li dl dt dd pre blockquote figure figcaption summary')
const rows = words('table thead tbody tfoot')
/** Where an element means what it says; elsewhere only its content is shown. */
const parentsOf: Record<string, Set<string>> = {
  li: words('ul ol'),
  dt: words('dl'),
  dd: words('dl'),
  summary: words('details'),
  caption: words('table'),
  thead: words('table'),
  tbody: words('table'),
  tfoot: words('table'),
  tr: rows,
  td: words('tr'),
  th: words('tr'),
}
/** What a parent wraps around a child that may not stand in it. */
const childOf: Record<string, string> = { ul: 'li', ol: 'li', dl: 'dd' }
const DEEPEST = 64

/**
 * The server's sanitised HTML as React elements. It parses no more than that: tags and attributes off the list below
 * are ignored, so a fault of the sanitiser shows as text. No HTML is given to the browser (Trusted Types stay on).
 */
export function htmlToElements(html: string): ReactNode[] {
  const root: Open = { name: '', tag: '', props: {}, children: [], hasText: false }
  const stack = [root]
  let key = 0
  const top = (): Open => stack.at(-1) ?? root

  const closeTop = (): void => {
    const open = stack.pop() ?? root
    const parent = top()
    parent.hasText ||= open.hasText
    if (droppedWithoutText.has(open.tag) && !open.hasText) return
    const isBare = open.tag === ''
    parent.children.push(...(isBare ? open.children : [elementOf(open, key++)]))
  }

  for (const [written, tag] of html.matchAll(/<([^<>]*)>|[^<]+|</g)) {
    if (tag === undefined) {
      addText(top(), decode(written))
      continue
    }
    const [, slash, writtenName = '', rest = ''] = /^(\/?)([a-z][a-z0-9]*)(.*)$/is.exec(tag) ?? []
    const name = writtenName.toLowerCase()
    if (slash) {
      const at = stack.findLastIndex((open, index) => index > 0 && open.name === name)
      if (at > 0) for (let open = stack.length - at; open > 0; open -= 1) closeTop()
    } else if (empty.has(name)) top().children.push(createElement(name, { key: key++ }))
    else if (name === 'img') addText(top(), readAttribute(rest, 'alt') ?? '')
    else if (name !== '') stack.push(opened(name, rest, stack))
  }
  while (stack.length > 1) closeTop()
  return root.children
}

function opened(name: string, rest: string, stack: readonly Open[]): Open {
  const props = propsOf(name, rest)
  const fits = parentsOf[name]?.has(stack.at(-1)?.tag ?? '') ?? true
  const isLinkInLink = name === 'a' && (props['href'] === undefined || stack.some(({ tag }) => tag === 'a'))
  const isShown = shown.has(name) && fits && !isLinkInLink && stack.length <= DEEPEST
  return { name, tag: isShown ? name : '', props, children: [], hasText: false }
}

function addText(open: Open, text: string): void {
  const isBlank = text.trim() === ''
  // Blanks between rows or items are layout of the source.
  if (isBlank && (rows.has(open.tag) || open.tag === 'tr' || open.tag in childOf)) return
  open.children.push(text)
  open.hasText ||= !isBlank
}

function elementOf({ tag, props, children }: Open, key: number): ReactNode {
  const wrapper = childOf[tag]
  const content = wrapper === undefined ? children : children.map((child, index) => wrapped(tag, wrapper, child, index))
  const element = createElement(tag, { ...props, key }, content.length > 0 ? content : undefined)
  if (tag !== 'table') return element
  // A wide table scrolls by itself, and keys reach it.
  return createElement('div', { key, role: 'group', 'aria-label': 'Table', tabIndex: 0 }, element)
}

function wrapped(parent: string, wrapper: string, child: ReactNode, index: number): ReactNode {
  const type = child !== null && typeof child === 'object' && 'type' in child ? child.type : undefined
  const fits = typeof type === 'string' && (parentsOf[type]?.has(parent) ?? false)
  return fits ? child : createElement(wrapper, { key: `wrapped ${index}` }, child)
}

function propsOf(name: string, rest: string): Record<string, unknown> {
  if (name === 'a') {
    const href = readAttribute(rest, 'href')?.trim()
    return href !== undefined && /^(https?:\/\/|mailto:)/i.test(href)
      ? { href, target: '_blank', rel: 'noopener noreferrer nofollow' }
      : {}
  }
  if (name === 'details') return /\sopen\b/i.test(rest) ? { open: true } : {}
  if (name !== 'td' && name !== 'th') return {}
  return { colSpan: span(readAttribute(rest, 'colspan')), rowSpan: span(readAttribute(rest, 'rowspan')) }
}

// HTML Living Standard, 4.9.11: colspan ends at 1000.
function span(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,4}$/.test(text) ? Math.min(Math.max(Number(text), 1), 1000) : undefined
}

function readAttribute(rest: string, name: string): string | undefined {
  const [, , value] = new RegExp(`\\s${name}\\s*=\\s*(["'])(.*?)\\1`, 'is').exec(rest) ?? []
  return value === undefined ? undefined : decode(value)
}

const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' }

function decode(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,4}));/gi, (written, decimal, hex, name) => {
    if (name !== undefined) return named[name as string] ?? written
    const code = decimal === undefined ? parseInt(hex as string, 16) : Number(decimal)
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : written
  })
}
