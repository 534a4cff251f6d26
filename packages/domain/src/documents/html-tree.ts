import { Parser } from 'htmlparser2'

export interface HtmlElement {
  name: string
  attributes: Record<string, string>
  children: HtmlNode[]
  parent: HtmlElement | undefined
}
export type HtmlNode = HtmlElement | string

const maximumDepth = 256
const maximumAttributes = 64

/** The document as a tree of at most 256 levels: what lies deeper keeps its text and loses its structure. Never throws. */
export function parseHtml(html: string): HtmlElement {
  const root: HtmlElement = { name: '#document', attributes: {}, children: [], parent: undefined }
  let current = root
  let depth = 0
  const parser: FlatParser = new FlatParser(
    {
      onopentag(name, attributes) {
        const element: HtmlElement = { name, attributes: firstAttributes(attributes), children: [], parent: current }
        // Below the deepest level only the text is kept.
        if (!parser.flatten(name)) current.children.push(element)
        current = element
        depth += 1
      },
      onclosetag() {
        current = current.parent ?? root
        depth -= 1
      },
      ontext(text) {
        const last = current.children.length - 1
        const before = current.children[last]
        if (typeof before === 'string') current.children[last] = before + text
        else current.children.push(text)
      },
    },
    () => depth >= maximumDepth,
  )
  parser.end(html)
  return root
}

function firstAttributes(attributes: Record<string, string>): Record<string, string> {
  const names = Object.keys(attributes)
  if (names.length <= maximumAttributes) return attributes
  return Object.fromEntries(names.slice(0, maximumAttributes).map((name) => [name, attributes[name] ?? '']))
}

/** Their content is no markup: they are opened and closed at any depth. */
const rawElements = new Set(['script', 'style', 'textarea', 'title', 'xmp', 'iframe', 'noembed', 'noframes'])

/**
 * A parser that gives an element below the deepest level no children. The parser's own stack costs time in proportion
 * to the depth for each tag (100,000 open elements: 5 s), so those elements must not get onto it.
 */
class FlatParser extends Parser {
  private readonly isFull: () => boolean
  private isDeep = false
  /** Elements that were flattened and whose end tags are still to come. */
  private flattened = 0
  /** The next end tag is that of a raw element. */
  private isInRaw = false

  constructor(handler: ConstructorParameters<typeof Parser>[0], isFull: () => boolean) {
    super(handler)
    this.isFull = isFull
  }

  override onopentagname(start: number, endIndex: number): void {
    this.isDeep = this.isFull()
    super.onopentagname(start, endIndex)
  }

  override onclosetag(start: number, endIndex: number): void {
    this.isDeep = false
    if (this.flattened > 0 && !this.isInRaw) this.flattened -= 1
    else super.onclosetag(start, endIndex)
    this.isInRaw = false
  }

  /** Whether the element that is being opened is flattened. */
  flatten(name: string): boolean {
    const isFlat = this.isFlat(name)
    if (isFlat) this.flattened += 1
    this.isInRaw = rawElements.has(name)
    return isFlat
  }

  protected override isVoidElement(name: string): boolean {
    return super.isVoidElement(name) || this.isFlat(name)
  }

  private isFlat(name: string): boolean {
    return this.isDeep && !super.isVoidElement(name) && !rawElements.has(name)
  }
}

export function isElement(node: HtmlNode): node is HtmlElement {
  return typeof node !== 'string'
}

/** All elements below `root` in document order, as they are when reached. */
export function* elementsOf(root: HtmlElement): Generator<HtmlElement> {
  const waiting = root.children.toReversed()
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (typeof node === 'string') continue
    yield node
    for (let index = node.children.length - 1; index >= 0; index--) {
      const child = node.children[index]
      if (child !== undefined && typeof child !== 'string') waiting.push(child)
    }
  }
}

/** The words of the element's class and id: `share-box` is `share` and `box`. */
export function nameWords(element: HtmlElement): string[] {
  const names = `${element.attributes['class'] ?? ''} ${element.attributes['id'] ?? ''}`.slice(0, 1000)
  return names
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean)
}

const voidElements = new Set([
  'area',
  'base',
  'br',
  'col',
  'embed',
  'hr',
  'img',
  'input',
  'link',
  'meta',
  'source',
  'track',
  'wbr',
])
const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => escapes[character] ?? '')
}

/**
 * The tree as HTML again; faithful, not safe: `sanitize.ts` decides what may be shown. Where `textFor` gives a text, it
 * stands in place of the element.
 */
export function serializeHtml(
  nodes: readonly HtmlNode[],
  textFor: (element: HtmlElement) => string | undefined,
): string {
  const parts: string[] = []
  const write = (node: HtmlNode) => {
    if (typeof node === 'string') return void parts.push(escapeHtml(node))
    const text = textFor(node)
    if (text !== undefined) return void parts.push(escapeHtml(text))
    parts.push('<', node.name)
    for (const [name, value] of Object.entries(node.attributes)) {
      if (/^[a-z][\w:.-]*$/.test(name)) parts.push(' ', name, '="', escapeHtml(value), '"')
    }
    parts.push('>')
    if (voidElements.has(node.name)) return
    for (const child of node.children) write(child)
    parts.push('</', node.name, '>')
  }
  for (const node of nodes) write(node)
  return parts.join('')
}
