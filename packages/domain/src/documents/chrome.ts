import { isElement, nameWords, type HtmlElement, type HtmlNode } from './html-tree.ts'
import { isByline } from './metadata.ts'
import { silent } from './text.ts'

/** What is known of an element before a part of it is removed. Lengths count characters. */
interface Measure {
  text: number
  linked: number
  /** It holds, outside links, what an analyst looks for: code, a table, a hash, a defanged name, a path. */
  evidence: boolean
  /** The first words in it, for headings. */
  start: string
}
export type Measures = Map<HtmlElement, Measure>

const evidenceElements = new Set(['pre', 'code', 'table', 'textarea', 'dl', 'blockquote', 'samp', 'kbd'])
const evidenceText =
  /\[\.\]|\(\.\)|\[dot\]|\[:\]|h[tx]{2}ps?\[?:|\b[a-f0-9]{32,64}\b|\bhk(lm|cu|ey_)|\b[a-z]:\\|%[a-z]+%\\|\b\d{1,3}(\[?\.\]?\d{1,3}){3}\b|mutex|\.onion\b/i

/** Measures every element once, from the leaves up. */
export function measure(root: HtmlElement): Measures {
  const measures: Measures = new Map()
  const visit = (element: HtmlElement, inLink: boolean): Measure => {
    const sum: Measure = { text: 0, linked: 0, evidence: evidenceElements.has(element.name), start: '' }
    const isLink = inLink || element.name === 'a'
    for (const child of element.children) {
      if (isElement(child)) {
        const { text, linked, evidence, start } = visit(child, isLink)
        if (silent.has(child.name)) continue
        sum.text += text
        sum.linked += linked
        sum.evidence ||= evidence
        if (sum.start.length < 60) sum.start = `${sum.start} ${start}`.trim()
        continue
      }
      const words = child.replace(/\s+/g, ' ').trim()
      sum.text += words.length
      if (isLink) sum.linked += words.length
      else sum.evidence ||= evidenceText.test(words)
      if (sum.start.length < 60) sum.start = `${sum.start} ${words.slice(0, 60)}`.trim()
    }
    measures.set(element, sum)
    return sum
  }
  visit(root, false)
  return measures
}

const neverContent = new Set([
  'script',
  'style',
  'template',
  'nav',
  'svg',
  'math',
  'iframe',
  'object',
  'embed',
  'canvas',
  'select',
  'dialog',
  'link',
  'meta',
])
const chromeRoles = new Set([
  'navigation',
  'search',
  'contentinfo',
  'dialog',
  'alertdialog',
  'menu',
  'menubar',
  'toolbar',
])
/** Words in a class or id that settle it. */
const strongWords = new Set([
  'cookie',
  'cookies',
  'consent',
  'onetrust',
  'gdpr',
  'cookiebanner',
  'navbar',
  'breadcrumb',
  'breadcrumbs',
  'gutter',
  'lineno',
  'skip',
  'disqus',
  'respond',
  'comments',
])
/** Words that are a suspicion only: vendors keep indicators and ransom notes in such boxes as well. */
const weakWords = new Set([
  'nav',
  'menu',
  'share',
  'sharing',
  'social',
  'related',
  'recommended',
  'newsletter',
  'subscribe',
  'subscription',
  'signup',
  'promo',
  'advert',
  'advertisement',
  'ad',
  'ads',
  'sponsored',
  'sidebar',
  'pagination',
  'pager',
  'popular',
  'trending',
  'popup',
  'modal',
  'cta',
  'toc',
  'tags',
  'categories',
  'banner',
  'footer',
  'author',
  'widget',
  'toolbar',
])
const otherHeading =
  /^(related|recommended|similar|more|latest|recent|popular|featured|trending)\b.{0,25}\b(posts?|articles?|stories|reading|news|blogs?|resources|research|content|insights|reports?|topics?|from)\b|^(read next|you (may|might) also|up next|share this|follow us|subscribe|sign up|newsletter|leave a (reply|comment)|comments?$|about the author|table of contents|in this (article|post))/i
const otherLine =
  /^(subscribe (to|now|for)|sign up (for|to)|share (this|on|via)|follow us|accept all|we use cookies|this (web)?site uses cookies|contact sales|skip to|back to (top|blog|all)|previous (post|article)|next (post|article)|read more$|all rights reserved|©|\d+ min(ute)?s? read)/i
const leaves = new Set(['p', 'div', 'span', 'li', 'h2', 'h3', 'h4', 'h5', 'h6', 'section', 'a'])
const boxes = new Set(['div', 'section', 'aside', 'ul', 'details'])
const furniture = 400

/** Removes from the tree what surrounds an article: navigation, banners, share boxes, related links, forms, comments. */
export function removeChrome(root: HtmlElement, measures: Measures): void {
  const total = measures.get(root)?.text ?? 0
  const visit = (element: HtmlElement, inArticle: boolean) => {
    const kept: HtmlNode[] = []
    for (const child of element.children) {
      if (isElement(child)) {
        if (isChrome(child, inArticle, total, measures) || followsOtherHeading(child, kept, measures)) continue
        visit(child, inArticle || child.name === 'article' || isMain(child))
      }
      kept.push(child)
    }
    element.children = kept.filter((child) => !isElement(child) || !isOtherHeading(child, measures))
  }
  visit(root, false)
}

export function isMain(element: HtmlElement): boolean {
  return element.name === 'main' || element.attributes['role'] === 'main'
}

function isChrome(element: HtmlElement, inArticle: boolean, total: number, measures: Measures): boolean {
  const found = measures.get(element)
  if (!found) return false
  const { name, attributes } = element
  if (neverContent.has(name)) return true
  if (name === 'button') return !('aria-expanded' in attributes || 'aria-controls' in attributes)
  const isMost = found.text > total * 0.5 && total > 0
  if (isMost) return false
  if (chromeRoles.has(attributes['role'] ?? '')) return true
  if ((name === 'header' || name === 'footer') && !inArticle) return true
  const words = nameWords(element)
  if (words.some((word) => strongWords.has(word)) && !isArticle(element)) return true
  if (name === 'form') return !found.evidence
  const isList = found.linked > found.text * 0.5
  if (name === 'aside' && !inArticle) return isList || !found.evidence
  if (boxes.has(name) && otherHeading.test(found.start) && !found.evidence && (isList || found.text < furniture))
    return true
  const isSmall = found.text < furniture
  if (isByline(element) && isSmall && !found.evidence) return true
  if ((name === 'aside' && isList) || words.some((word) => weakWords.has(word)))
    return !found.evidence && (isSmall || isList)
  return !inArticle && leaves.has(name) && found.text <= 120 && !found.evidence && otherLine.test(found.start)
}

function isArticle({ name }: HtmlElement): boolean {
  return name === 'article' || name === 'main' || name === 'body' || name === 'html'
}

/** A heading such as "Related posts" that stands alone, beside its list. */
function isOtherHeading(element: HtmlElement, measures: Measures): boolean {
  const found = measures.get(element)
  return (
    /^h[2-6]$/.test(element.name) &&
    found !== undefined &&
    found.text <= 60 &&
    otherHeading.test(found.start) &&
    isAlone(element, measures)
  )
}

/** Its neighbour is gone: the heading goes too. */
function isAlone(element: HtmlElement, measures: Measures): boolean {
  const siblings = element.parent?.children.filter(isElement) ?? []
  const next = siblings[siblings.indexOf(element) + 1]
  return next === undefined || isLinkList(next, measures)
}

function followsOtherHeading(element: HtmlElement, kept: readonly HtmlNode[], measures: Measures): boolean {
  const before = kept.findLast((node) => isElement(node))
  if (!before || !isElement(before) || !/^h[2-6]$/.test(before.name)) return false
  return otherHeading.test(measures.get(before)?.start ?? '') && isLinkList(element, measures)
}

function isLinkList(element: HtmlElement, measures: Measures): boolean {
  const found = measures.get(element)
  return found !== undefined && !found.evidence && found.text > 0 && found.linked > found.text * 0.5
}
