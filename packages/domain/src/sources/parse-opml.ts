import { escapeHtml, oneLine, resolveUrl, stripHidden, canonicalUrl } from '@dayshift/domain/documents'
import { childrenOf, FeedError, readXml, textOfChild, type XmlElement } from './feed-guard.ts'

/** A source as a list of feeds names it. */
export interface ListedSource {
  url: string
  title: string
  siteUrl?: string
  category?: string
}

export interface SourceList {
  title?: string
  sources: ListedSource[]
  /** What of the list cannot be a source, each with its reason in a sentence. */
  skipped: { reason: string }[]
}

/** A document that is no OPML list; the message says what was expected and what came. */
export class OpmlError extends Error {
  override name = 'OpmlError'
  readonly code: string
  constructor(code: string, found: string) {
    super(`Expected an OPML list of feeds, got ${found}.`)
    this.code = code
  }
}

const maximumSources = 5000
const kinds = new Map(
  Object.entries({
    rss: 'an RSS feed',
    feed: 'an Atom feed',
    rdf: 'an RDF feed',
    html: 'an HTML page',
  }),
)

/**
 * Reads an OPML 1.0 or 2.0 list. Outlines without an address are folders: their names, joined by " / ", are the category.
 * Throws OpmlError.
 */
export function parseOpml({ text }: { text: string }): SourceList {
  const { root, truncated } = readList(text)
  if (root.local !== 'opml')
    throw new OpmlError('not-a-list', kinds.get(root.local) ?? `XML with the root <${root.local.slice(0, 40)}>`)
  const list: SourceList = { sources: [], skipped: [] }
  const known = new Set<string>()
  for (const body of childrenOf(root, 'body')) collect(body, [], list, known)
  if (truncated) list.skipped.push({ reason: 'The list ends in the middle: what stood after that is missing.' })
  if (list.sources.length === 0 && list.skipped.length === 0) throw new OpmlError('empty', 'a list without any feed')
  const head = childrenOf(root, 'head')[0]
  const title = oneLine((head && textOfChild(head, 'title')) ?? '')
  return { ...(title ? { title } : {}), ...list }
}

function readList(text: string): { root: XmlElement; truncated: boolean } {
  try {
    if (/^[\ufeff\s]*[{[]/.test(text)) throw new FeedError('not-a-feed', 'JSON')
    return readXml(text)
  } catch (error) {
    if (error instanceof FeedError) throw new OpmlError(error.code, error.found)
    throw error
  }
}

function collect(parent: XmlElement, path: readonly string[], list: SourceList, known: Set<string>): void {
  for (const outline of childrenOf(parent, 'outline')) {
    const { attributes } = outline
    const title = oneLine(attributes['title'] || attributes['text'] || '').slice(0, 200)
    const written =
      attributes['xmlurl']?.trim() ||
      (/^(rss|atom|feed)$/i.test(attributes['type'] ?? '') ? attributes['url']?.trim() : '')
    const nested = childrenOf(outline, 'outline')
    if (written) addSource(outline, written, title, path, list, known)
    else if (nested.length === 0)
      list.skipped.push({ reason: `"${title || 'An outline without a name'}" has no xmlUrl.` })
    collect(outline, title && !written ? [...path, title] : path, list, known)
  }
}

function addSource(
  outline: XmlElement,
  written: string,
  title: string,
  path: readonly string[],
  list: SourceList,
  known: Set<string>,
): void {
  const url = resolveUrl(
    written.replace(/^feed:(\/\/|(?=https?:))/i, (_match, slashes) => (slashes === '//' ? 'http://' : '')),
    undefined,
  )
  const shown = oneLine(written).slice(0, 80)
  if (!url) return void list.skipped.push({ reason: `"${title || shown}": ${shown} is no http or https address.` })
  if (known.has(canonicalUrl(url)))
    return void list.skipped.push({ reason: `"${title || shown}": ${shown} is in the list twice.` })
  if (list.sources.length >= maximumSources)
    return void list.skipped.push({ reason: `"${title || shown}" is beyond the first ${maximumSources} feeds.` })
  known.add(canonicalUrl(url))
  const siteUrl = resolveUrl(outline.attributes['htmlurl'], url)
  const category = oneLine(
    path.join(' / ') || (outline.attributes['category']?.split(',')[0]?.replace(/^\//, '') ?? ''),
  ).slice(0, 100)
  list.sources.push({
    url,
    title: title || new URL(url).hostname,
    ...(siteUrl ? { siteUrl } : {}),
    ...(category ? { category } : {}),
  })
}

interface WrittenSource {
  url: string
  title: string
  siteUrl?: string | null
  category?: string | null
}

/** The sources as an OPML 2.0 list (opml.org/spec2.opml), by category in the order given. */
export function writeOpml(sources: readonly WrittenSource[], title = 'Dayshift sources'): string {
  const byCategory = Map.groupBy(sources, ({ category }) => category ?? '')
  const body = [...byCategory].map(([category, members]) => {
    const outlines = members.map((source) => outlineOf(source, category ? '      ' : '    ')).join('\n')
    return category ? `    <outline text="${escaped(category)}">\n${outlines}\n    </outline>` : outlines
  })
  const head = `  <head>\n    <title>${escaped(title)}</title>\n  </head>`
  const list = `${head}\n  <body>\n${body.map((part) => `${part}\n`).join('')}  </body>`
  return `<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0">\n${list}\n</opml>\n`
}

function outlineOf({ url, title, siteUrl }: WrittenSource, indent: string): string {
  const site = siteUrl ? ` htmlUrl="${escaped(siteUrl)}"` : ''
  return `${indent}<outline type="rss" text="${escaped(title)}" title="${escaped(title)}" xmlUrl="${escaped(url)}"${site}/>`
}

const escaped = (text: string) => escapeHtml(stripHidden(text).text)
