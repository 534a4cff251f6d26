import { createHash } from 'node:crypto'
import { canonicalUrl, htmlToText, oneLine, plainLine, resolveUrl } from '@dayshift/domain/documents'
import type { Entry } from './entry.ts'
import { feedDate } from './feed-dates.ts'

/** The fields of an entry as its format gives them. */
export interface RawEntry {
  id?: string | undefined
  links: readonly (string | undefined)[]
  /** What links are relative to, nearest first. */
  bases: readonly string[]
  /** The same for the links within `html`, when it says so. */
  contentBases?: readonly string[]
  title: { text: string; html: boolean }
  author?: string | undefined
  published?: string | undefined
  updated?: string | undefined
  html?: string | undefined
  categories: readonly string[]
}

const maximumKey = 500
const maximumCategories = 50

/** An entry from its raw fields; its key has at most 500 characters. `now` is in ms since the epoch. */
export function toEntry(raw: RawEntry, now: number): Entry {
  const base = resolveBase(raw.bases)
  const link = raw.links.find((candidate) => candidate?.trim())
  const url = resolveUrl(link, base)
  const contentBase = resolveBase(raw.contentBases ?? raw.bases)
  const published = feedDate(raw.published, now)
  const updated = feedDate(raw.updated, now)
  const title = plainLine(raw.title.text, raw.title) || firstWords(raw.html) || 'Untitled'
  const author = raw.author ? plainLine(raw.author).slice(0, 200) : ''
  const categories = [
    ...new Set(raw.categories.slice(0, maximumCategories).map((name) => plainLine(name).slice(0, 100))),
  ]
  const notes = [
    link && !url ? `link is no http or https address: "${oneLine(link).slice(0, 60)}"` : undefined,
    published.note,
    updated.note,
  ].filter(Boolean)
  return {
    key: shortened(raw.id?.trim() || url || hash(`${title}\n${raw.published ?? ''}`)),
    ...(url ? { url } : {}),
    ...(link && !url ? { refusedLink: oneLine(link).slice(0, 60) } : {}),
    title,
    ...(author ? { author } : {}),
    ...(published.date ? { publishedAt: published.date } : {}),
    ...(updated.date ? { updatedAt: updated.date } : {}),
    ...(raw.html?.trim() ? { html: raw.html } : {}),
    ...(contentBase ? { baseUrl: contentBase } : {}),
    ...(categories.some(Boolean) ? { categories: categories.filter(Boolean) } : {}),
    ...(notes.length > 0 ? { note: notes.join('; ') } : {}),
  }
}

/**
 * Entries that share a key but lead to different pages are different entries, and so are those that share both and have
 * different titles: what tells them apart goes into their keys, whatever their order. Of true repetitions the first stays.
 */
export function withDistinctKeys(entries: readonly Entry[]): Entry[] {
  const byPage = toldApartBy(entries, ({ url }) => (url ? canonicalUrl(url) : ''))
  const byTitle = toldApartBy(byPage, ({ title }) => hash(title))
  return [...new Map(byTitle.toReversed().map((entry) => [entry.key, entry])).values()].toReversed()
}

function toldApartBy(entries: readonly Entry[], part: (entry: Entry) => string): Entry[] {
  const parts = new Map<string, Set<string>>()
  for (const entry of entries) parts.set(entry.key, (parts.get(entry.key) ?? new Set()).add(part(entry)))
  return entries.map((entry) => {
    const isShared = (parts.get(entry.key)?.size ?? 0) > 1
    return isShared ? { ...entry, key: shortened(`${entry.key} ${part(entry)}`) } : entry
  })
}

/** Bases nest: the outermost is absolute, each inner one may be relative to it. */
function resolveBase(bases: readonly string[]): string | undefined {
  return bases.reduceRight<string | undefined>((outer, base) => resolveUrl(base, outer) ?? outer, undefined)
}

function firstWords(html: string | undefined): string {
  if (!html) return ''
  const text = oneLine(htmlToText(html.slice(0, 20_000)))
  if (text.length <= 80) return text
  return `${text.slice(0, 80).replace(/\s\S*$/, '')}…`
}

function shortened(key: string): string {
  const plain = oneLine(key)
  return key.length <= maximumKey && plain ? plain : hash(key)
}

function hash(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`
}
