import { getDomain } from 'tldts'
import {
  baseOf,
  canonicalUrl,
  elementsOf,
  isElement,
  nameWords,
  oneLine,
  parseDate,
  parseHtml,
  plainLine,
  relOf,
  resolveUrl,
  textOf,
  type HtmlElement,
} from '@dayshift/domain/documents'
import type { Entry } from './entry.ts'
import { feedDate } from './feed-dates.ts'
import { FeedError } from './feed-guard.ts'

export interface IndexInput {
  html: string
  /** Where the page came from, after redirects: absolute. */
  url: string
  /** ISO 8601; the clock when absent. */
  now?: string
}

interface Candidate {
  url: string
  page: string
  anchor: HtmlElement
  title: string
}

const maximumEntries = 500
const maximumCandidates = 2000
/** No address: more than one page. */
const several = ''
const aside = new Set(['nav', 'footer', 'aside', 'header', 'form'])
const asideWords = new Set([
  'nav',
  'navbar',
  'menu',
  'footer',
  'breadcrumb',
  'breadcrumbs',
  'pagination',
  'pager',
  'cookie',
  'social',
  'share',
  'tags',
  'tagcloud',
  'sidebar',
])
/** Paths that lead to lists, accounts and legal pages and not to articles. */
const otherPath =
  /\/(tags?|category|categories|topics?|authors?|page|search|login|signin|sign-in|register|contact|about|careers|privacy|terms|legal|feed|rss|cdn-cgi)(\/|$)/i
const otherTitle =
  /^(read more|learn more|continue reading|more|next|previous|home|subscribe|older posts|newer posts|view all|see all)\b.{0,12}$/i

/**
 * The articles that a page without a feed lists: links to the same site that stand in repeated blocks. Throws FeedError
 * when there are none.
 */
export function parseIndex({ html, url, now }: IndexInput): { title: string; entries: Entry[] } {
  const root = parseHtml(html)
  const base = baseOf(root, url)
  const candidates = linksOf(root, base, url)
  const pages = pagesWithin(root, candidates)
  const groups = Map.groupBy(candidates, ({ anchor }) => signature(anchor))
  const nowMs = now === undefined ? Date.now() : Date.parse(now)
  const found = new Map<string, Entry>()
  const listed = new Set([...groups.values()].filter((group) => isList(group, pages)).flat())
  for (const candidate of candidates) {
    if (!listed.has(candidate)) continue
    const entry = toEntry(candidate, pages, nowMs)
    const known = found.get(candidate.page)
    if (!known || (!known.publishedAt && entry.publishedAt))
      found.set(candidate.page, { ...known, ...entry, title: longer(known?.title, entry.title) })
  }
  if (found.size === 0)
    throw new FeedError(
      'no-articles',
      'no repeated links to articles of the same site',
      'a page with a list of articles',
    )
  const title = [...elementsOf(root)].find(({ name }) => name === 'title')
  return {
    title: plainLine(textOf(title?.children ?? [])).slice(0, 200),
    entries: [...found.values()].slice(0, maximumEntries),
  }
}

/** The feeds that a page names in its head (`link rel=alternate`), as absolute addresses. */
export function discoverFeeds({ html, url }: { html: string; url: string }): { url: string; title?: string }[] {
  const root = parseHtml(html)
  const base = baseOf(root, url)
  const found = new Map<string, { url: string; title?: string }>()
  for (const { name, attributes } of elementsOf(root)) {
    if (name !== 'link' || !relOf(attributes).includes('alternate')) continue
    if (
      !/^(application\/((rss|atom|rdf|feed)\+(xml|json)|json|rss|xml)|text\/xml)/i.test(
        attributes['type']?.trim() ?? '',
      )
    )
      continue
    const feedUrl = resolveUrl(attributes['href'], base)
    const title = oneLine(attributes['title'] ?? '')
    if (feedUrl && !/\/comments\/feed/.test(feedUrl)) found.set(feedUrl, { url: feedUrl, ...(title ? { title } : {}) })
  }
  return [...found.values()]
}

function linksOf(root: HtmlElement, base: string, url: string): Candidate[] {
  const candidates: Candidate[] = []
  const own = canonicalUrl(url)
  const visit = (element: HtmlElement) => {
    for (const child of element.children) {
      if (!isElement(child) || aside.has(child.name) || isAside(child)) continue
      visit(child)
      if (child.name !== 'a' || candidates.length >= maximumCandidates) continue
      const target = resolveUrl(child.attributes['href'], base)
      if (!target || !isSameSite(target, url)) continue
      const page = canonicalUrl(target)
      const { pathname, search } = new URL(page)
      if (page === own || (pathname === '/' && search === '') || otherPath.test(pathname)) continue
      candidates.push({ url: target, page, anchor: child, title: titleIn(child) })
    }
  }
  visit(root)
  return candidates
}

function isAside(element: HtmlElement): boolean {
  if (element.name === 'body' || element.name === 'main') return false
  return element.attributes['role'] === 'navigation' || nameWords(element).some((word) => asideWords.has(word))
}

function isSameSite(target: string, url: string): boolean {
  const [a, b] = [new URL(target).hostname, new URL(url).hostname]
  return a === b || (getDomain(a) !== null && getDomain(a) === getDomain(b))
}

function titleIn(anchor: HtmlElement): string {
  const heading = [...elementsOf(anchor)].find(({ name }) => /^h[1-6]$/.test(name))
  const title = oneLine(textOf((heading ?? anchor).children))
  return otherTitle.test(title) ? '' : title
}

/** The way from the root, by element and first class: blocks of one list share it. */
function signature(anchor: HtmlElement): string {
  const steps: string[] = []
  for (let element: HtmlElement | undefined = anchor; element; element = element.parent) {
    steps.push(`${element.name}.${element.attributes['class']?.trim().split(/\s+/)[0]?.replace(/\d+/g, '') ?? ''}`)
  }
  return steps.join('<')
}

/** Several pages, and titles rather than labels: long, or as headings, or with dates. */
function isList(group: readonly Candidate[], pages: ReadonlyMap<HtmlElement, string>): boolean {
  const titled = group.filter(({ title }) => title)
  if (new Set(titled.map(({ page }) => page)).size < 2) return false
  const average = titled.reduce((sum, { title }) => sum + title.length, 0) / titled.length
  const share = (test: (candidate: Candidate) => boolean) => titled.filter(test).length / titled.length
  return (
    average >= 30 ||
    share(isInHeading) >= 0.5 ||
    share((candidate) => dateIn(blockOf(candidate, pages)) !== undefined) >= 0.5
  )
}

function isInHeading({ anchor }: Candidate): boolean {
  if ([...elementsOf(anchor)].some(({ name }) => /^h[1-6]$/.test(name))) return true
  for (let element = anchor.parent, steps = 0; element && steps < 3; element = element.parent, steps++) {
    if (/^h[1-6]$/.test(element.name)) return true
  }
  return false
}

/** For each element the one page that the links in it lead to, or `several`. */
function pagesWithin(root: HtmlElement, candidates: readonly Candidate[]): Map<HtmlElement, string> {
  const pages = new Map(candidates.map(({ anchor, page }) => [anchor, page]))
  const visit = (element: HtmlElement): string | undefined => {
    let found = pages.get(element)
    for (const child of element.children) {
      const page = isElement(child) ? visit(child) : undefined
      if (page !== undefined) found = found === undefined || found === page ? page : several
    }
    if (found !== undefined) pages.set(element, found)
    return found
  }
  visit(root)
  return pages
}

/** The largest element around a link that leads to no other page. */
function blockOf({ anchor, page }: Candidate, pages: ReadonlyMap<HtmlElement, string>): HtmlElement {
  let block = anchor
  while (block.parent?.parent && pages.get(block.parent) === page) block = block.parent
  return block
}

const writtenDate =
  /\b(?:\d{4}-\d{2}-\d{2}|\d{1,2}\.\d{1,2}\.\d{4}|\d{1,2}\.? (?:de )?\p{L}{3,10}\.?,? (?:de )?\d{4}|\p{L}{3,10}\.? \d{1,2},? \d{4})\b/gu

/** The date of a block: of its `time` element, or the first that stands in its text. */
function dateIn(block: HtmlElement): string | undefined {
  const times = [...elementsOf(block)].filter(({ name }) => name === 'time')
  const said = times.flatMap(({ attributes, children }) => [attributes['datetime'] ?? '', textOf(children)])
  const written = textOf([block]).slice(0, 5000).match(writtenDate) ?? []
  return [...said, ...written].find((text) => parseDate(text) !== undefined)
}

function toEntry(candidate: Candidate, pages: ReadonlyMap<HtmlElement, string>, now: number): Entry {
  const { date, note } = feedDate(dateIn(blockOf(candidate, pages)), now)
  return {
    key: candidate.page.length <= 500 ? candidate.page : candidate.page.slice(0, 500),
    url: candidate.url,
    title: candidate.title,
    ...(date ? { publishedAt: date } : {}),
    ...(note ? { note } : {}),
  }
}

function longer(a: string | undefined, b: string): string {
  return a && a.length >= b.length ? a : b
}
