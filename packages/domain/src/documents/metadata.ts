import { resolveUrl } from './canonical-url.ts'
import { parseDate } from './dates.ts'
import { elementsOf, nameWords, type HtmlElement } from './html-tree.ts'
import { oneLine, plainLine, textOf } from './text.ts'

/** What a page says of itself. Dates are ISO 8601 in UTC. */
export interface Metadata {
  titles: string[]
  author?: string
  publishedAt?: string
  canonicalUrl?: string
  siteName?: string
  language?: string
}

const maximumJsonLength = 300_000

/** Reads JSON-LD, OpenGraph and other meta elements, `time` and the byline, in this order of trust. */
export function readMetadata(root: HtmlElement, url: string): Metadata {
  const elements = [...elementsOf(root)]
  const named = new Map<string, string>()
  for (const { name, attributes } of elements) {
    if (name !== 'meta') continue
    const key = (attributes['property'] ?? attributes['name'] ?? attributes['itemprop'])?.toLowerCase()
    const content = attributes['content']?.trim()
    if (key && content && !named.has(key)) named.set(key, content)
  }
  const meta = (...keys: string[]) => keys.map((key) => named.get(key)).find(Boolean)
  const linked = elements.filter(({ name }) => name === 'script').flatMap(articlesOfJson)[0] ?? {}
  const first = (test: (element: HtmlElement) => boolean) => elements.find(test)
  const textIn = (element: HtmlElement | undefined) => (element ? oneLine(textOf(element.children)) : undefined)

  const canonical = first(({ name, attributes }) => name === 'link' && relOf(attributes).includes('canonical'))
  const address = resolveUrl(canonical?.attributes['href'] ?? meta('og:url'), url)
  const dates = [
    linked['datePublished'],
    meta(
      'article:published_time',
      'datepublished',
      'date',
      'dc.date',
      'dc.date.issued',
      'dcterms.created',
      'parsely-pub-date',
      'pubdate',
    ),
    first(({ attributes }) => attributes['itemprop'] === 'datePublished')?.attributes['datetime'],
    first(({ name, attributes }) => name === 'time' && 'datetime' in attributes)?.attributes['datetime'],
    textIn(first(({ name }) => name === 'time')),
  ]
  const authors = [
    nameIn(linked['author']),
    meta('author', 'article:author', 'dc.creator', 'parsely-author'),
    byline(elements),
  ]
  const titles = [
    stringIn(linked['headline']),
    meta('og:title', 'twitter:title'),
    textIn(first(({ name }) => name === 'h1')),
    textIn(first(({ name, parent }) => name === 'title' && parent?.name !== 'svg')),
  ]
  const author = authors.find((name) => name && !/^https?:/.test(name))
  const date = dates.flatMap((text) => (typeof text === 'string' ? (parseDate(text) ?? []) : []))[0]
  const siteName = meta('og:site_name', 'application-name') ?? nameIn(linked['publisher'])
  const language =
    stringIn(linked['inLanguage']) ?? first(({ name }) => name === 'html')?.attributes['lang'] ?? meta('og:locale')
  return {
    titles: titles.flatMap((title) => (title ? [plainLine(title)] : [])).filter(Boolean),
    ...(author ? { author: plainLine(author).slice(0, 200) } : {}),
    ...(date ? { publishedAt: date.toISOString() } : {}),
    ...(address ? { canonicalUrl: address } : {}),
    ...(siteName ? { siteName: plainLine(siteName).slice(0, 200) } : {}),
    ...(language && /^[a-z]{2,3}([-_][a-z0-9]+)*$/i.test(language) ? { language: language.replaceAll('_', '-') } : {}),
  }
}

/** The words of a `rel` attribute. */
export function relOf(attributes: Record<string, string>): string[] {
  return (attributes['rel'] ?? '').toLowerCase().split(/\s+/)
}

/** The base of the page's links: a `base` element counts only when it stays on the page's own site. */
export function baseOf(root: HtmlElement, url: string): string {
  for (const { name, attributes } of elementsOf(root)) {
    if (name !== 'base' || !attributes['href']) continue
    const base = resolveUrl(attributes['href'], url)
    return base && new URL(base).origin === new URL(url).origin ? base : url
  }
  return url
}

const separators = /\s+[|»·•]\s+|\s+::\s+|\s+[-–—]\s+/g

/** The title without what names the site: after a bar always, after a dash when it repeats the site's name or host. */
export function titleWithoutSite(title: string, site: { name?: string; url: string }, heading?: string): string {
  const last = [...title.matchAll(separators)].at(-1)
  if (!last) return title
  const start = title.slice(0, last.index).trim()
  const end = title.slice(last.index + last[0].length).trim()
  const squeeze = (text: string) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
  const host = squeeze(new URL(site.url).hostname)
  const namesSite =
    squeeze(end) !== '' &&
    (squeeze(end) === squeeze(site.name ?? '') || host.includes(squeeze(end).replace(/(blog|news)$/, '') || '?'))
  const isBar = /[|»]|::/.test(last[0]) && end.length <= 60
  return start && (isBar || namesSite || start === heading) ? titleWithoutSite(start, site, heading) : title
}

const bylineWords = ['byline', 'author', 'dateline']

/** The element says who wrote the article or when. */
export function isByline(element: HtmlElement): boolean {
  if (relOf(element.attributes).includes('author') || element.attributes['itemprop'] === 'author') return true
  const words = nameWords(element)
  if (words.some((word) => bylineWords.includes(word))) return true
  return words.includes('meta') && words.some((word) => ['post', 'entry', 'article', 'blog'].includes(word))
}

function byline(elements: readonly HtmlElement[]): string | undefined {
  const element = elements.find((candidate) => candidate.name !== 'body' && isByline(candidate))
  if (!element) return undefined
  const time = element.children.findIndex((child) => typeof child !== 'string' && child.name === 'time')
  const text = oneLine(textOf(time < 0 ? element.children : element.children.slice(0, time)))
    .replace(/^(written |posted )?by:?\s+/i, '')
    .replace(/[\s·|,–—-]+$/, '')
  return text.length <= 120 && text.length > 1 ? text : undefined
}

function articlesOfJson(script: HtmlElement): Record<string, unknown>[] {
  const [text] = script.children
  if (!/ld\+json/i.test(script.attributes['type'] ?? '') || typeof text !== 'string' || text.length > maximumJsonLength)
    return []
  try {
    const value: unknown = JSON.parse(text)
    const things = [value]
      .flat()
      .flatMap((thing) => (isRecord(thing) ? [thing, ...[thing['@graph'] ?? []].flat()] : []))
    return things.filter(isRecord).filter((thing) => /Article|Posting|Report/.test([thing['@type']].flat().join(' ')))
  } catch {
    return []
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function stringIn(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function nameIn(value: unknown): string | undefined {
  const names = [value]
    .flat()
    .slice(0, 10)
    .map((one) => (isRecord(one) ? stringIn(one['name']) : stringIn(one)))
  return names.filter(Boolean).join(', ') || undefined
}
