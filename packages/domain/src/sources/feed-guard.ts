import { escapeHtml, oneLine } from '@dayshift/domain/documents'
import { Parser } from 'htmlparser2'

export type FeedErrorCode =
  'empty' | 'html-page' | 'dtd' | 'too-deep' | 'too-many-attributes' | 'truncated' | 'not-a-feed' | 'no-articles'

/** A document that cannot be read as what it should be. The message is one line: what was expected, what came. */
export class FeedError extends Error {
  override name = 'FeedError'
  readonly code: FeedErrorCode
  /** What came, without what was expected: "a list of feeds (OPML)". */
  readonly found: string
  constructor(code: FeedErrorCode, found: string, expected = 'a feed (RSS, Atom, RDF or JSON Feed)') {
    super(`Expected ${expected}, got ${found}.`)
    this.code = code
    this.found = found
  }
}

export interface XmlElement {
  /** Lower case, with the usual prefix of its namespace whatever the document calls it: `dc:creator`, `title`. */
  name: string
  /** As in the document, lower case, without a prefix. */
  local: string
  attributes: Record<string, string>
  children: (XmlElement | string)[]
  /** The value of the nearest xml:base, resolved when read. */
  bases: readonly string[]
}

export interface XmlDocument {
  root: XmlElement
  /** The document stops before its root is closed; elements that were open are absent from their parents. */
  truncated: boolean
  /** How many elements of the limited name were left out. */
  leftOut: number
}

const maximumLevels = 100
const maximumAttributes = 200

const prefixes = new Map(
  Object.entries({
    'purl.org/rss/1.0': '',
    'my.netscape.com/rdf/simple/0.9': '',
    'backend.userland.com/rss2': '',
    'purl.org/dc/elements/1.1': 'dc',
    'purl.org/dc/terms': 'dcterms',
    'purl.org/rss/1.0/modules/content': 'content',
    'purl.org/rss/1.0/modules/syndication': 'sy',
    'www.w3.org/2005/atom': 'atom',
    'purl.org/atom/ns#': 'atom',
    'www.w3.org/1999/02/22-rdf-syntax-ns#': 'rdf',
    'rssnamespace.org/feedburner/ext/1.0': 'feedburner',
    'search.yahoo.com/mrss': 'media',
    'www.itunes.com/dtds/podcast-1.0.dtd': 'itunes',
    'www.w3.org/1999/xhtml': 'xhtml',
  }),
)
const usual = new Set(['dc', 'dcterms', 'content', 'sy', 'atom', 'rdf', 'feedburner', 'media', 'itunes', 'xml'])

/** Namespaces are told apart whatever their scheme, case and final slash: feeds write them in all ways. */
const prefixOf = (uri: string) =>
  prefixes.get(
    uri
      .trim()
      .toLowerCase()
      .replace(/^https?:\/\/|\/$/g, ''),
  )

type Scope = ReadonlyMap<string, string>

/**
 * An XML document as a tree, read once and with limits; throws FeedError. Forgiven are naked ampersands, control
 * characters, undeclared prefixes, text before the prolog, and a missing end. No entity but the five of XML is known.
 */
export function readXml(text: string, { limited = '', limit = Infinity } = {}): XmlDocument {
  const start = findStart(text)
  let root: XmlElement | undefined
  let attributeCount = 0
  let count = 0
  let leftOut = 0
  let home: string | undefined
  const open: { element: XmlElement; scope: Scope }[] = []
  const parser = new Parser(
    {
      onprocessinginstruction(name, data) {
        if (name.startsWith('!')) refuseDeclaration(data)
      },
      onopentagname() {
        attributeCount = 0
        if (open.length >= maximumLevels)
          throw new FeedError('too-deep', `a document with more than ${maximumLevels} levels`)
      },
      onattribute() {
        attributeCount += 1
        if (attributeCount <= maximumAttributes) return
        throw new FeedError('too-many-attributes', `an element with more than ${maximumAttributes} attributes`)
      },
      onopentag(qualified, attributes) {
        const parent = open.at(-1)
        const scope = declared(attributes, parent?.scope)
        const base = attributes['xml:base']
        const bases = [...(base ? [base] : []), ...(parent?.element.bases ?? [])]
        if (!root) home = scope.get(prefixIn(qualified))
        const element: XmlElement = { ...namesOf(qualified, scope, home), attributes, children: [], bases }
        open.push({ element, scope })
        root ??= element
      },
      onclosetag() {
        const element = open.pop()?.element
        const parent = open.at(-1)?.element
        if (!element || !parent) return
        if (element.name === limited && ++count > limit) leftOut += 1
        else parent.children.push(element)
      },
      ontext(chunk) {
        const element = open.at(-1)?.element
        if (!element) return
        const last = element.children.length - 1
        const before = element.children[last]
        if (typeof before === 'string') element.children[last] = before + chunk
        else element.children.push(chunk)
      },
    },
    { xmlMode: true, lowerCaseTags: true, lowerCaseAttributeNames: true },
  )
  parser.write(start)
  // What is open now was never closed by the document: it stays out of the tree.
  const truncated = open.length > 0
  if (!root) throw new FeedError('not-a-feed', `text that is no XML: "${oneLine(start).slice(0, 60)}"`)
  if (truncated) closeContainers(open.map(({ element }) => element))
  return { root, truncated, leftOut }
}

/** Containers of a cut document keep what they hold; an entry, and what lies in it, is dropped. */
function closeContainers(open: readonly XmlElement[]): void {
  const containers = new Set(['channel', 'head', 'body', 'outline', 'items'])
  for (let level = 1; level < open.length; level++) {
    const element = open[level]
    if (!element || !containers.has(element.name)) return
    open[level - 1]?.children.push(element)
  }
}

function findStart(text: string): string {
  const start = text.trimStart()
  if (start === '') throw new FeedError('empty', 'an empty document')
  if (start.startsWith('<')) return start
  const prolog = start.slice(0, 2000).search(/<\?xml|<rss[\s>]|<feed[\s>]|<rdf:RDF[\s>]|<opml[\s>]/)
  if (prolog < 0)
    throw new FeedError('not-a-feed', `text that is no XML: "${oneLine(start.slice(0, 200)).slice(0, 60)}"`)
  return start.slice(prolog)
}

/** Document types only ever name entities or foreign files here; the one of RSS 0.91 and those of HTML are known. */
function refuseDeclaration(data: string): void {
  if (/^!doctype\s+(html|"?-\/\/w3c\/\/dtd x?html)/i.test(data)) throw new FeedError('html-page', 'an HTML page')
  if (/^!doctype\s+rss\s+public\s+"-\/\/netscape communications\/\/dtd rss 0\.91\/\/en"[^[]*$/i.test(data)) return
  if (/^!doctype\s+\w+\s*$/i.test(data)) return
  throw new FeedError('dtd', 'a document type declaration with entities or an external file, which is not accepted')
}

function declared(attributes: Record<string, string>, outer: Scope | undefined): Scope {
  const own = Object.entries(attributes).filter(([name]) => name === 'xmlns' || name.startsWith('xmlns:'))
  if (own.length === 0 && outer) return outer
  return new Map([...(outer ?? []), ...own.map(([name, uri]) => [name.slice(6), uri] as const)])
}

const prefixIn = (qualified: string) => (qualified.includes(':') ? (qualified.split(':', 1)[0] ?? '') : '')

function namesOf(qualified: string, scope: Scope, home: string | undefined): { name: string; local: string } {
  const prefix = prefixIn(qualified)
  const local = prefix ? qualified.slice(prefix.length + 1) : qualified
  const uri = scope.get(prefix)
  if (uri !== undefined && uri === home && local !== 'rdf') return { name: local, local }
  const known = uri === undefined ? (usual.has(prefix) || prefix === '' ? prefix : undefined) : prefixOf(uri)
  const shown = known ?? (prefix === '' ? '' : `other-${prefix}`)
  return { name: shown ? `${shown}:${local}` : local, local }
}

export function childrenOf(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((child) => typeof child !== 'string' && child.name === name) as XmlElement[]
}

export function xmlText(element: XmlElement | undefined): string {
  if (!element) return ''
  return element.children.map((child) => (typeof child === 'string' ? child : xmlText(child))).join('')
}

/** The first of these children that says something, trimmed. */
export function textOfChild(element: XmlElement, ...names: string[]): string | undefined {
  for (const name of names) {
    for (const child of childrenOf(element, name)) {
      const text = xmlText(child).trim()
      if (text) return text
    }
  }
  return undefined
}

/** What an element holds as HTML, for content that is XML itself. */
export function innerHtml(element: XmlElement): string {
  const parts: string[] = []
  const write = (child: XmlElement | string) => {
    if (typeof child === 'string') return void parts.push(escapeHtml(child))
    const attributes = Object.entries(child.attributes).filter(
      ([name]) => /^[a-z][\w-]*$/.test(name) && name !== 'xmlns',
    )
    parts.push(`<${child.local}${attributes.map(([name, value]) => ` ${name}="${escapeHtml(value)}"`).join('')}>`)
    if (/^(br|hr|img|wbr)$/.test(child.local)) return
    for (const inner of child.children) write(inner)
    parts.push(`</${child.local}>`)
  }
  for (const child of element.children) write(child)
  return parts.join('').trim()
}
