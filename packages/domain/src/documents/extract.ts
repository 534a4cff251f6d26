import { isMain, measure, removeChrome, type Measures } from './chrome.ts'
import { stripHidden } from './hidden-characters.ts'
import { elementsOf, isElement, parseHtml, type HtmlElement, type HtmlNode } from './html-tree.ts'
import { baseOf, readMetadata, titleWithoutSite } from './metadata.ts'
import { safeHtml } from './sanitize.ts'
import { oneLine, textOf } from './text.ts'

/** A document to read: `html` is safe to show, offsets count UTF-16 units in `text`. */
export interface Content {
  html: string
  text: string
  /** The parts of `text` that the page folds away: collapsed, or hidden for good. */
  hiddenText?: string
  /** How many characters that show nothing were removed from text and title. */
  hiddenCharacters: number
}

/** An article of a page; dates are ISO 8601 in UTC. */
export interface ExtractedArticle extends Content {
  title: string
  author?: string
  publishedAt?: string
  canonicalUrl?: string
  siteName?: string
  language?: string
}

export interface PageInput {
  html: string
  /** Where the page came from, after redirects: absolute. */
  url: string
  /** The title that the feed gave, for a page without one. */
  title?: string
  /** The teaser that the feed gave: the article is where its first words are. */
  excerptOf?: string
}

/**
 * The article of a page. It works by subtraction: what surrounds an article is taken away and the rest of its container
 * kept, with code, tables, call-outs and folded parts, because indicators stand there. Never throws on foreign HTML.
 */
export function extractArticle({ html, url, title, excerptOf }: PageInput): ExtractedArticle {
  const root = parseHtml(html)
  const base = baseOf(root, url)
  const { titles, ...metadata } = readMetadata(root, url)
  const chosen = chooseTitle(titles, title, { url, ...(metadata.siteName ? { name: metadata.siteName } : {}) })
  const measures = measure(root)
  removeChrome(root, measures)
  const container = chooseContainer(root, measure(root), excerptOf)
  removeTitle(container, [chosen, ...titles])
  const content = contentOf(container.children, base)
  const shown = stripHidden(chosen)
  return {
    title: shown.text,
    ...metadata,
    ...content,
    hiddenCharacters: content.hiddenCharacters + shown.count,
  }
}

/** The whole of a fragment, as feeds carry them: only scripts, trackers and what loads from outside are left out. */
export function htmlToContent({ html, url }: { html: string; url: string }): Content {
  return contentOf(parseHtml(html).children, url)
}

function contentOf(nodes: readonly HtmlNode[], base: string): Content {
  const text = stripHidden(textOf(nodes))
  const hidden = stripHidden(
    hiddenParts(nodes)
      .map((part) => textOf([part]))
      .filter(Boolean)
      .join('\n\n'),
  ).text.trim()
  return {
    html: stripHidden(safeHtml(nodes, base)).text,
    text: text.text.trim(),
    ...(hidden ? { hiddenText: hidden } : {}),
    hiddenCharacters: text.count,
  }
}

function hiddenParts(nodes: readonly HtmlNode[]): HtmlElement[] {
  return nodes.filter(isElement).flatMap((element) => (isHidden(element) ? [element] : hiddenParts(element.children)))
}

function isHidden({ attributes }: HtmlElement): boolean {
  return (
    'hidden' in attributes ||
    attributes['aria-hidden'] === 'true' ||
    /display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])|opacity\s*:\s*0(?![.\d])/i.test(
      attributes['style'] ?? '',
    )
  )
}

function chooseTitle(
  titles: readonly string[],
  given: string | undefined,
  site: { name?: string; url: string },
): string {
  const [best] = titles
  if (best === undefined) return oneLine(given ?? '')
  // Said twice, as the heading and in the head, it is the title as it stands.
  if (titles.filter((title) => title === best).length > 1) return best
  return titleWithoutSite(best, site, titles[1])
}

/** The smallest element of a kind that says "article" and holds most of what is left, or the densest block. */
function chooseContainer(root: HtmlElement, measures: Measures, excerpt: string | undefined): HtmlElement {
  const elements = [...elementsOf(root)]
  const body = elements.find(({ name }) => name === 'body') ?? root
  const weight = (element: HtmlElement) => {
    const { text, linked } = measures.get(element) ?? { text: 0, linked: 0 }
    return text - linked * 0.7
  }
  const start = squeezed(excerpt ?? '').slice(0, 60)
  const isRight = (element: HtmlElement) => start.length < 20 || squeezed(textOf(element.children)).includes(start)
  const kinds: ((element: HtmlElement) => boolean)[] = [
    ({ name, attributes }) => name === 'article' || (attributes['itemprop'] ?? '').includes('articleBody'),
    isMain,
  ]
  const isBodyRight = start.length >= 20 && isRight(body)
  for (const isKind of kinds) {
    const found = elements.filter(isKind).sort((a, b) => weight(b) - weight(a))[0]
    if (found && weight(found) >= weight(body) * 0.5 && (!isBodyRight || isRight(found))) return found
  }
  return densest(body, weight)
}

/** Down from the body as long as one child holds nearly all of it. */
function densest(body: HtmlElement, weight: (element: HtmlElement) => number): HtmlElement {
  const heavy = body.children.filter(isElement).find((child) => weight(child) > weight(body) * 0.85)
  return heavy && !/^(p|table|tbody|tr|ul|ol|pre)$/.test(heavy.name) ? densest(heavy, weight) : body
}

/** The heading that repeats the title is not part of the text. */
function removeTitle(container: HtmlElement, titles: readonly string[]): void {
  const wanted = new Set(titles.map(squeezed))
  for (const element of elementsOf(container)) {
    if (!/^h[12]$/.test(element.name) || !element.parent) continue
    if (wanted.has(squeezed(textOf(element.children)))) {
      element.parent.children = element.parent.children.filter((child) => child !== element)
    }
    return
  }
}

function squeezed(text: string): string {
  return stripHidden(text)
    .text.toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
}
