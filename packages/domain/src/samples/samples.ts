import { readFileSync, readdirSync } from 'node:fs'

/** A report that comes with the project: written for it, with invented actors and reserved names and addresses. */
export interface Sample {
  /** The name of its file: stable, so that a report is read once. */
  key: string
  title: string
  author: string
  /** ISO 8601. */
  publishedAt: string
  /** The body as HTML. */
  html: string
}

const folder = new URL('reports/', import.meta.url)

/** The sample reports from the newest. Throws when a file lacks its title, author, date or body. */
export function listSamples(): Sample[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.html'))
    .map((name) => readSample(name.slice(0, -'.html'.length), readFileSync(new URL(name, folder), 'utf8')))
    .sort((a, b) => b.publishedAt.localeCompare(a.publishedAt))
}

function readSample(key: string, page: string): Sample {
  const part = (name: string, pattern: RegExp): string => {
    const found = pattern.exec(page)?.[1]?.trim()
    if (!found) throw new Error(`The sample report ${key} has no ${name}.`)
    return found.replaceAll('&amp;', '&')
  }
  return {
    key,
    title: part('title', /<title>([^<]*)<\/title>/),
    author: part('author', /<meta name="author" content="([^"]*)"/),
    publishedAt: part('date', /<meta property="article:published_time" content="([^"]*)"/),
    html: /<body>([\s\S]*)<\/body>/.exec(page)?.[1] ?? part('body', /(?!)/),
  }
}
