import sanitizeHtml from 'sanitize-html'
import { parseHtml, serializeHtml, type HtmlElement, type HtmlNode } from './html-tree.ts'
import { silent } from './text.ts'

/** The allow-list: no style, class or id, nothing that loads, runs or sends. */
const allowedTags = [
  'p',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'a',
  'ul',
  'ol',
  'li',
  'dl',
  'dt',
  'dd',
  'pre',
  'code',
  'kbd',
  'samp',
  'var',
  'blockquote',
  'q',
  'cite',
  'em',
  'strong',
  'b',
  'i',
  'u',
  's',
  'sub',
  'sup',
  'small',
  'mark',
  'del',
  'ins',
  'abbr',
  'br',
  'hr',
  'table',
  'caption',
  'thead',
  'tbody',
  'tfoot',
  'tr',
  'th',
  'td',
  'figure',
  'figcaption',
  'details',
  'summary',
  'div',
  'span',
  'section',
  'time',
  'wbr',
]

const dropped = [...silent, 'option']

/**
 * HTML that is safe to show: links are absolute http, https or mailto and carry rel; images are their alternative text,
 * so nothing is loaded from outside. Relative links are resolved against `base`.
 */
export function safeHtml(nodes: readonly HtmlNode[], base: string): string {
  return sanitizeHtml(serializeHtml(nodes, alternativeText), {
    allowedTags,
    nonTextTags: dropped,
    allowedAttributes: {
      a: ['href', 'rel', 'title'],
      td: ['colspan', 'rowspan'],
      th: ['colspan', 'rowspan', 'scope'],
      ol: ['start'],
      time: ['datetime'],
      abbr: ['title'],
    },
    allowedSchemes: ['http', 'https', 'mailto'],
    allowProtocolRelative: false,
    transformTags: {
      a: (_tag, { href, title }) => ({ tagName: 'a', attribs: linkAttributes(href, title, base) }),
      h1: 'h2',
      textarea: 'pre',
      listing: 'pre',
      xmp: 'pre',
      article: 'div',
      main: 'div',
      aside: 'div',
      header: 'div',
      footer: 'div',
    },
  }).trim()
}

/** A foreign fragment made safe to show. */
export function sanitizeFragment(html: string, base: string): string {
  return safeHtml(parseHtml(html).children, base)
}

/** An empty text for an image without one, so that no image is left. */
function alternativeText({ name, attributes }: HtmlElement): string | undefined {
  if (name !== 'img') return undefined
  const text = attributes['alt']?.trim()
  return text ? ` ${text} ` : ''
}

function linkAttributes(href: string | undefined, title: string | undefined, base: string): Record<string, string> {
  const url = href === undefined ? undefined : URL.parse(href.trim(), base)
  if (!url || !['http:', 'https:', 'mailto:'].includes(url.protocol)) return {}
  return { href: url.href, rel: 'noopener nofollow noreferrer', ...(title ? { title } : {}) }
}
