import type { Context } from '@dayshift/domain/context'
import type { EmbeddingSpace } from '@dayshift/llm'
import { adoptSpace } from './adopt.ts'
import { forgetOldSpaces } from './spaces.ts'
import { embedTexts, isWithoutModel } from './texts.ts'

/** Only its space is looked at. A few tokens; with the local model nothing. */
const QUESTION = 'Which space is this?'

/**
 * Asks the configured model which space it embeds in. When that is not the active one its filling is started; what has no
 * vector is asked for; and what was embedded in spaces that have long been old is deleted.
 */
export async function checkSpaces({
  db,
  llm,
  log,
}: Pick<Context, 'db' | 'llm' | 'log'>): Promise<{ space: string | null; forgotten: number }> {
  const space = await findConfiguredSpace({ llm, log })
  if (space) await adoptSpace(db, space)
  return { space: space?.id ?? null, forgotten: await forgetOldSpaces(db) }
}

async function findConfiguredSpace({ llm, log }: Pick<Context, 'llm' | 'log'>): Promise<EmbeddingSpace | undefined> {
  try {
    return (await embedTexts(llm, [QUESTION], { feature: 'embeddings.check', fresh: true })).space
  } catch (error) {
    if (!isWithoutModel(error)) throw error
    log.warn({ err: error }, 'the embedding model does not answer: whether it has changed is looked at again later')
    return undefined
  }
}
