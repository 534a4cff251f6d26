import type { Context } from '@dayshift/domain/context'
import { Invalid } from '@dayshift/domain/errors'
import { canonicalUrl } from '@dayshift/domain/documents'
import { OutboundError } from '@dayshift/outbound'
import { inTransaction } from '@dayshift/storage'
import type { SourceList } from './parse-opml.ts'
import { getSource, saveSource } from './queries.ts'
import { LONGEST_ADDRESS, type NewSource, type Source } from './source.ts'

type Needs = Pick<Context, 'db' | 'outbound'>

const opmlParser = new URL('parse-opml.ts', import.meta.url)
const refusals = new Set(['OpmlError', 'SandboxTimeout', 'SandboxOutOfMemory'])

/**
 * Adds one source; one that is known already is returned as it is.
 * Throws Invalid when the guard would never fetch the address.
 */
export async function addSource(
  { db, outbound }: Needs,
  input: NewSource,
  kind: Source['kind'] = 'feed',
): Promise<Source> {
  const url = checkedUrl(outbound, input.url)
  const { id } = await saveSource(db, { ...input, url, kind })
  return getSource(db, id)
}

export interface Imported {
  added: number
  known: number
  skipped: { url?: string | undefined; reason: string }[]
  /** Every source of the list, added or known. */
  ids: string[]
}

/**
 * Adds every source of an OPML list, all or none; what cannot be taken is named with its reason.
 * Throws Invalid when it is no list.
 */
export async function importOpml(
  { db, outbound, sandbox }: Needs & Pick<Context, 'sandbox'>,
  text: string,
): Promise<Imported> {
  const list = await readList(sandbox, text)
  const result: Imported = { added: 0, known: 0, skipped: [...list.skipped], ids: [] }
  await inTransaction(db, async (tx) => {
    for (const { url: written, title, siteUrl, category } of list.sources) {
      let url: string
      try {
        url = checkedUrl(outbound, written)
      } catch (error) {
        if (!(error instanceof Invalid)) throw error
        result.skipped.push({ url: written, reason: error.message })
        continue
      }
      const saved = await saveSource(tx, {
        url,
        title,
        siteUrl,
        kind: 'feed',
        ...(category !== undefined && { category }),
      })
      result[saved.added ? 'added' : 'known'] += 1
      result.ids.push(saved.id)
    }
  })
  return result
}

function checkedUrl(outbound: Needs['outbound'], url: string): string {
  try {
    const address = canonicalUrl(outbound.check(url).href)
    if (address.length <= LONGEST_ADDRESS) return address
    throw new Invalid(`Expected an address of at most ${LONGEST_ADDRESS} characters, got ${address.length}.`, 'url')
  } catch (error) {
    if (error instanceof OutboundError) throw new Invalid(error.message, 'url')
    throw error
  }
}

async function readList(sandbox: Context['sandbox'], text: string): Promise<SourceList> {
  try {
    return await sandbox.run(opmlParser, 'parseOpml', { text })
  } catch (error) {
    if (error instanceof Error && refusals.has(error.name)) throw new Invalid(error.message)
    throw error
  }
}
