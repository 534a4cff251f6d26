import type { JobState } from '../api/answers.ts'
import type { ArticleFilter } from '../api/queries.ts'

type Params = Record<string, unknown>

/** `?q=2024` stays text: what an analyst pastes is never read as a number or as JSON. */
export const parseSearch = (search: string): Record<string, string> => Object.fromEntries(new URLSearchParams(search))

export function stringifySearch(search: Params): string {
  const given = Object.entries(search).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

export function readArticleFilter({ source, technique, indicator }: Params): ArticleFilter {
  return {
    ...(text(source) && { source: text(source) }),
    ...(text(technique) && { technique: text(technique) }),
    ...(text(indicator) && { indicator: text(indicator) }),
  }
}

export function readQuestion({ q }: Params): { q?: string } {
  const question = text(q).trim()
  return question === '' ? {} : { q: question }
}

export const jobStates = ['waiting', 'sent', 'running', 'done', 'dead'] as const satisfies readonly JobState[]

export function readJobFilter({ state }: Params): { state?: JobState } {
  const known = jobStates.find((name) => name === state)
  return known === undefined ? {} : { state: known }
}

/** Where to go after the sign-in: a path of ours, never another host. */
export function readFrom({ from }: Params): { from?: string } {
  const path = text(from)
  return /^\/(?![/\\])/.test(path) && !path.startsWith('/sign-in') ? { from: path } : {}
}
