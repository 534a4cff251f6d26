import { S3Refusal } from './s3-refusal.ts'

export interface XmlElement {
  name: string
  text: string
  children: XmlElement[]
}

type XmlValue = string | number | boolean | undefined | XmlValue[] | { [name: string]: XmlValue }

/** A document with one root; a list becomes one element of the same name for each item. */
export function toXml(root: string, value: XmlValue): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element(root, value)}`
}

function element(name: string, value: XmlValue): string {
  if (value === undefined) return ''
  if (Array.isArray(value)) return value.map((item) => element(name, item)).join('')
  const content =
    typeof value === 'object'
      ? Object.entries(value)
          .map(([name, value]) => element(name, value))
          .join('')
      : escape(String(value))
  return `<${name}>${content}</${name}>`
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

/** The elements and texts that the requests of S3 are made of; anything else, and any fault, is MalformedXML. */
export function parseXml(document: string): XmlElement {
  const top: XmlElement = { name: '', text: '', children: [] }
  const open = [top]
  const rest = document
    .replace(/^\s*<\?xml[^>]*\?>/, '')
    .replace(/<(\/?)([A-Za-z0-9]+)(?: xmlns="[^"]*")?(\/?)>|[^<]+/g, (token, end, name, empty) => {
      const parent = open.at(-1)!
      if (name === undefined) parent.text += unescape(token)
      else if (end) {
        if (parent.name !== name || open.length === 1)
          throw new S3Refusal('MalformedXML', `</${name}> has no beginning`)
        open.pop()
      } else {
        const child = { name, text: '', children: [] }
        parent.children.push(child)
        if (!empty) open.push(child)
      }
      return ''
    })
  const [root] = top.children
  if (rest !== '' || open.length !== 1 || !root || top.children.length !== 1) {
    throw new S3Refusal('MalformedXML', 'The XML you provided was not well-formed')
  }
  return root
}

function unescape(text: string): string {
  const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|([a-z]+));/gi, (all, hex?: string, decimal?: string, name = '') => {
    if (hex ?? decimal) return String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number(decimal))
    return named[name] ?? all
  })
}

/** The text of the one child with this name; undefined when there is none. */
export function findText({ children }: XmlElement, name: string): string | undefined {
  return children.find((child) => child.name === name)?.text
}
