export { canonicalUrl, resolveUrl } from './canonical-url.ts'
export { parseDate } from './dates.ts'
export type { Content, ExtractedArticle, PageInput } from './extract.ts'
export { stripHidden } from './hidden-characters.ts'
export {
  elementsOf,
  escapeHtml,
  isElement,
  nameWords,
  parseHtml,
  type HtmlElement,
  type HtmlNode,
} from './html-tree.ts'
export { readFragment, readPage } from './in-sandbox.ts'
export { baseOf, relOf } from './metadata.ts'
export { htmlToText, oneLine, plainLine, textOf, textToHtml } from './text.ts'
