import { readAddress } from './address.ts'
import { otherForm, readHostName } from './host-name.ts'
import type { Indicator, IndicatorKind } from './indicator.ts'

export interface IndicatorName {
  kind: IndicatorKind
  value: string
}

/**
 * Under which other names a search shall find the article of this indicator: the host of an address, the parent
 * domains down to the one that somebody registered, the other form of an IDN, the file of a path, and a value whose
 * capitals do not matter in lower case.
 */
export function parentsOf({ kind, value }: Pick<Indicator, 'kind' | 'value'>): IndicatorName[] {
  if (kind === 'domain') return parentDomains(value)
  if (kind === 'email') return hostNames(value.slice(value.lastIndexOf('@') + 1))
  if (kind === 'url') return hostNames(hostOf(value))
  const lower = value.toLowerCase()
  const inLowerCase: IndicatorName[] = lower === value ? [] : [{ kind, value: lower }]
  if (kind !== 'file-path') return inLowerCase
  const file = lower.slice(Math.max(lower.lastIndexOf('\\'), lower.lastIndexOf('/')) + 1)
  return file.includes('.', 1) ? [...inLowerCase, { kind: 'file-name', value: file }] : inLowerCase
}

function hostOf(url: string): string {
  const host = /^(?:[a-z\d]+:\/\/)?(?:[^/?#@]*@)?(\[[^\]/]*\]|[^/?#:]*)/i.exec(url)?.[1] ?? ''
  return host.replace(/^\[|\]$/g, '')
}

function hostNames(host: string): IndicatorName[] {
  const address = readAddress(host)
  if (address) return [address]
  const name = readHostName(host)?.name
  return name === undefined ? [] : [{ kind: 'domain', value: name }, ...parentDomains(name)]
}

function parentDomains(name: string): IndicatorName[] {
  const registrable = readHostName(name)?.registrable ?? name
  const parents: string[] = []
  for (let parent = name; parent.length > registrable.length;) {
    parent = parent.slice(parent.indexOf('.') + 1)
    parents.push(parent)
  }
  const otherForms = [name, ...parents].flatMap((form) => otherForm(form) ?? [])
  return [...parents, ...otherForms].map((value) => ({ kind: 'domain', value }))
}
