import { oneLine, plainLine, resolveUrl, textToHtml } from '@dayshift/domain/documents'
import type { Entry } from './entry.ts'
import { toEntry, withDistinctKeys, type RawEntry } from './feed-entry.ts'
import { childrenOf, FeedError, innerHtml, readXml, textOfChild, xmlText, type XmlElement } from './feed-guard.ts'
import { parseJsonFeed } from './json-feed.ts'

export interface FeedInput {
  text: string
  /** Where the feed came from, after redirects: absolute. */
  url: string
  contentType?: string
  /** ISO 8601; the clock when absent. Dates a day after it are not believed. */
  now?: string
}

export interface Feed {
  format: 'rss' | 'atom' | 'rdf' | 'json'
  title: string
  siteUrl?: string
  entries: Entry[]
  /** The document was cut off: only its complete entries are here. */
  truncated?: boolean
  /** How long the feed asks not to be read again. */
  ttlS?: number
  note?: string
}

const maximumEntries = 5000

/**
 * A feed as plain data: RSS 0.9x and 2.0, RSS 1.0 (RDF), Atom 0.3 and 1.0 (RFC 4287), JSON Feed 1.0 and 1.1.
 * Throws FeedError, whose message says what was expected and what came.
 */
export function parseFeed({ text, url, contentType, now }: FeedInput): Feed {
  const nowMs = now === undefined ? Date.now() : Date.parse(now)
  const start = text.trimStart()
  if (start === '') throw new FeedError('empty', 'an empty document')
  if (/^[{[]/.test(start)) return ofJson(start, url, nowMs)
  refusePage(start, contentType)
  const isAtom = /<(?:\w+:)?feed[\s>]/.test(start.slice(0, 5000))
  const { root, truncated, leftOut } = readXml(start, { limited: isAtom ? 'entry' : 'item', limit: maximumEntries })
  const format = formatOf(root)
  const channel = format === 'atom' ? root : (childrenOf(root, 'channel')[0] ?? root)
  const siteUrl = resolveUrl(format === 'atom' ? atomLink(channel) : textOfChild(channel, 'link'), baseOf(channel, url))
  const found =
    format === 'atom'
      ? childrenOf(root, 'entry')
      : [...childrenOf(channel, 'item'), ...(channel === root ? [] : childrenOf(root, 'item'))]
  const entries = found.map((element) => {
    const bases = [...element.bases, ...(format !== 'atom' && siteUrl ? [siteUrl] : []), url]
    return toEntry(format === 'atom' ? ofAtom(element, bases, channel) : ofRss(element, bases), nowMs)
  })
  if (truncated && entries.length === 0)
    throw new FeedError('truncated', 'a document that ends before its first entry is complete')
  const ttlS = ttlOf(channel)
  return {
    format,
    title: titleOf(channel),
    ...(siteUrl ? { siteUrl } : {}),
    entries: withDistinctKeys(entries),
    ...(truncated ? { truncated } : {}),
    ...(ttlS ? { ttlS } : {}),
    ...(leftOut > 0 ? { note: `the first ${maximumEntries} of ${maximumEntries + leftOut} entries were read` } : {}),
  }
}

function ofJson(text: string, url: string, now: number): Feed {
  const { title, homePageUrl, entries, truncated } = parseJsonFeed(text, { url, now, limit: maximumEntries + 1 })
  const siteUrl = resolveUrl(homePageUrl, url)
  return {
    format: 'json',
    title: oneLine(title),
    ...(siteUrl ? { siteUrl } : {}),
    entries: withDistinctKeys(entries.slice(0, maximumEntries)),
    ...(truncated ? { truncated } : {}),
    ...(entries.length > maximumEntries ? { note: `the first ${maximumEntries} entries were read` } : {}),
  }
}

/** Challenges, log-in pages and moved blogs answer 200 with a page. */
function refusePage(start: string, contentType: string | undefined): void {
  const withoutProlog = start.slice(0, 2000).replace(/^(?:<\?[^>]*>|<!--.*?-->|\s)+/s, '')
  if (!/^<(!doctype\s+html|html|head|body|script|meta|title|div|center|h1|p)[\s>/]/i.test(withoutProlog)) return
  const type = contentType ? ` (content type ${oneLine(contentType).slice(0, 60)})` : ''
  throw new FeedError('html-page', `an HTML page${type}`)
}

function formatOf({ name, local }: XmlElement): 'rss' | 'atom' | 'rdf' {
  if (local === 'rss' || name === 'channel') return 'rss'
  if (local === 'feed') return 'atom'
  if (local === 'rdf') return 'rdf'
  if (local === 'opml') throw new FeedError('not-a-feed', 'a list of feeds (OPML): import it as a list')
  if (local === 'urlset' || local === 'sitemapindex') throw new FeedError('not-a-feed', 'a sitemap')
  if (local === 'html') throw new FeedError('html-page', 'an HTML page')
  throw new FeedError('not-a-feed', `XML with the root <${local.slice(0, 40)}>`)
}

function ofRss(item: XmlElement, bases: readonly string[]): RawEntry {
  const guid = childrenOf(item, 'guid')[0]
  const id = xmlText(guid).trim() || item.attributes['rdf:about'] || textOfChild(item, 'atom:id')
  const isPermalink =
    guid?.attributes['ispermalink']?.trim().toLowerCase() !== 'false' && /^https?:\/\//i.test(id ?? '')
  return {
    id,
    links: [
      textOfChild(item, 'feedburner:origlink', 'pheedo:origlink'),
      textOfChild(item, 'link'),
      atomLink(item, 'atom:link'),
      isPermalink || item.attributes['rdf:about'] ? id : undefined,
    ],
    bases,
    title: { text: textOfChild(item, 'title', 'dc:title', 'media:title') ?? '', html: true },
    author: textOfChild(item, 'dc:creator', 'author', 'itunes:author', 'atom:author')?.replace(
      /^\S+@\S+\s+\((.+)\)$/,
      '$1',
    ),
    published: textOfChild(item, 'pubdate', 'dc:date', 'dcterms:created', 'atom:published'),
    updated: textOfChild(item, 'atom:updated', 'dcterms:modified'),
    html:
      textOfChild(item, 'content:encoded') ??
      contentOf(childrenOf(item, 'description')[0] ?? childrenOf(item, 'atom:summary')[0]),
    categories: [...childrenOf(item, 'category'), ...childrenOf(item, 'dc:subject')].map(xmlText),
  }
}

function ofAtom(entry: XmlElement, bases: readonly string[], feed: XmlElement): RawEntry {
  const title = childrenOf(entry, 'title')[0]
  const content = childrenOf(entry, 'content')[0]
  const body = content && !content.attributes['src'] ? content : undefined
  const names = (element: XmlElement) =>
    childrenOf(element, 'author')
      .map((author) => textOfChild(author, 'name'))
      .filter(Boolean)
  const type = title?.attributes['type'] ?? 'text'
  const inner = body ?? childrenOf(entry, 'summary')[0]
  return {
    id: textOfChild(entry, 'id'),
    links: [textOfChild(entry, 'feedburner:origlink'), atomLink(entry)],
    bases,
    contentBases: [...(inner?.bases.slice(0, inner.bases.length - entry.bases.length) ?? []), ...bases],
    title: { text: type === 'xhtml' && title ? innerHtml(title) : xmlText(title), html: type !== 'text' },
    author: (names(entry).length > 0 ? names(entry) : names(feed)).join(', '),
    published:
      textOfChild(entry, 'published', 'issued', 'created', 'dc:date') ?? textOfChild(entry, 'updated', 'modified'),
    updated: textOfChild(entry, 'updated', 'modified'),
    html: contentOf(body, 'text') || contentOf(childrenOf(entry, 'summary')[0], 'text') || undefined,
    categories: childrenOf(entry, 'category').map(({ attributes }) => attributes['label'] ?? attributes['term'] ?? ''),
  }
}

/** Content as HTML: RFC 4287 §3.1.1 for text, html and xhtml; markup that was not escaped is taken as it is. */
function contentOf(element: XmlElement | undefined, fallback: 'html' | 'text' = 'html'): string | undefined {
  if (!element) return undefined
  const type = element.attributes['type'] ?? fallback
  if (type === 'xhtml' || element.children.some((child) => typeof child !== 'string')) return innerHtml(element)
  const text = xmlText(element).trim()
  return /^text(\/plain)?$/.test(type) ? textToHtml(text) : text
}

/** The page of an entry or feed: rel `alternate` or none, HTML before other types; never an enclosure. */
function atomLink(element: XmlElement, name = 'link'): string | undefined {
  const links = childrenOf(element, name).filter(
    ({ attributes }) => attributes['href'] && (attributes['rel'] ?? 'alternate') === 'alternate',
  )
  const page = links.find(({ attributes }) => /html/.test(attributes['type'] ?? 'html')) ?? links[0]
  return page?.attributes['href']
}

function titleOf(channel: XmlElement): string {
  const title = childrenOf(channel, 'title')[0]
  return plainLine(title ? innerTitle(title) : '').slice(0, 200)
}

function innerTitle(title: XmlElement): string {
  return title.attributes['type'] === 'xhtml' ? innerHtml(title) : xmlText(title)
}

function baseOf(element: XmlElement, url: string): string {
  return element.bases.reduceRight<string>((outer, base) => resolveUrl(base, outer) ?? outer, url)
}

const periodS = new Map(
  Object.entries({
    hourly: 3600,
    daily: 86_400,
    weekly: 604_800,
    monthly: 2_592_000,
    yearly: 31_536_000,
  }),
)

/** RSS 2.0 `ttl` in minutes, or the syndication module's period over its frequency. */
function ttlOf(channel: XmlElement): number | undefined {
  const minutes = Number(textOfChild(channel, 'ttl'))
  if (Number.isFinite(minutes) && minutes > 0) return Math.round(minutes * 60)
  const period = periodS.get(textOfChild(channel, 'sy:updateperiod')?.toLowerCase() ?? '')
  const frequency = Number(textOfChild(channel, 'sy:updatefrequency') ?? 1)
  return period && frequency > 0 ? Math.round(period / frequency) : undefined
}
