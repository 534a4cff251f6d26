import { z } from 'zod'
import { LlmAnswerInvalid, LlmRefusedRequest } from '../../errors.ts'
import { EMBEDDING_DIMENSIONS } from '../../llm.ts'
import type { EmbeddingSpace, EmbedRequest, Usage } from '../../llm.ts'
import { NO_USAGE } from '../../provider.ts'
import type { EmbedReply, Target } from '../../provider.ts'
import { refuseBlank } from '../../texts.ts'
import { toWidth, widthName, widthWarnings } from '../../vector.ts'
import { cohereV3, cohereV4 } from './cohere.ts'
import type { EmbeddingFamily, FamilyAnswer } from './family.ts'
import { nova } from './nova.ts'
import { titan } from './titan.ts'

/** InvokeModel for one body; header names are in lower case. */
export type Send = (body: string) => Promise<{ body: string; headers: Record<string, string> }>

/** By the catalogue's family. */
const FAMILIES = new Map<string, EmbeddingFamily>([
  ['titan', titan],
  ['cohere-v3', cohereV3],
  ['cohere-v4', cohereV4],
  ['nova', nova],
])
/** Changes whenever the same model is asked in a way that gives other vectors. */
const VERSION = 'v1'
const TOKENS_HEADER = 'x-amzn-bedrock-input-token-count'

/** The most texts of one call. @throws LlmRefusedRequest when the target makes no vectors that fit here. */
export const textsPerCall = (target: Target): number => getFamily(target).textsPerCall

/**
 * One InvokeModel: a 768-wide vector of length 1 for each text, in their order.
 * @throws LlmRefusedRequest before anything is sent, for a text that the model would have to cut
 * @throws LlmAnswerInvalid, with the usage when the answer told it
 */
export async function embedWith(send: Send, request: EmbedRequest, target: Target): Promise<EmbedReply> {
  const family = getFamily(target)
  const { texts, purpose } = request
  refuseBlank(texts)
  refuseTooMuch(texts, family, target)
  const { body, headers } = await send(JSON.stringify(family.toBody(texts, purpose)))
  const counted = tokensIn(headers)
  try {
    const answer = family.read(JSON.parse(body))
    const inputTokens = answer.inputTokens ?? counted
    const vectors = checked(answer, texts.length, family).map(toWidth)
    return {
      vectors,
      space: spaceOf(target, family),
      usage: usageOf(inputTokens),
      warnings: widthWarnings(target.id, family.dimensions),
    }
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause)
    throw new LlmAnswerInvalid(
      `${target.id}: the answer is not ${texts.length} embeddings of ${family.dimensions} numbers: ${why}`,
      { cause, spent: usageOf(counted) ?? 'unknown' },
    )
  }
}

function getFamily({ id, model }: Target): EmbeddingFamily {
  const family = model?.kind === 'embedding' ? FAMILIES.get(model.family) : undefined
  if (family) return family
  throw new LlmRefusedRequest(
    `${id} cannot embed here: expected a model of the family ${[...FAMILIES.keys()].join(', ')}, came ${model?.family ?? 'an unknown one'}.`,
  )
}

function refuseTooMuch(texts: string[], { textsPerCall: most, maxCharacters }: EmbeddingFamily, { id }: Target): void {
  if (texts.length === 0 || texts.length > most) {
    throw new LlmRefusedRequest(`${id} takes 1 to ${most} texts in a call; ${texts.length} came.`)
  }
  const at = texts.findIndex((text) => text.length > (maxCharacters ?? Infinity))
  if (at === -1) return
  throw new LlmRefusedRequest(
    `texts[${at}] has ${texts[at]!.length} characters; ${id} takes at most ${maxCharacters}, and nothing is cut silently.`,
  )
}

function checked({ vectors }: FamilyAnswer, count: number, { dimensions }: EmbeddingFamily): number[][] {
  if (vectors.length !== count) throw new RangeError(`${vectors.length} vectors came.`)
  const other = vectors.find((vector) => vector.length !== dimensions)
  if (other) throw new RangeError(`A vector has ${other.length} numbers.`)
  return vectors
}

const tokensIn = (headers: Record<string, string>): number | undefined =>
  /^\d+$/.test(headers[TOKENS_HEADER] ?? '') ? Number(headers[TOKENS_HEADER]) : undefined

const usageOf = (inputTokens: number | undefined): Usage | undefined =>
  inputTokens === undefined ? undefined : { ...NO_USAGE, inputTokens }

/** An inference profile changes where the model runs, not what it gives: the space has the catalogue's id. */
function spaceOf({ provider, id, model }: Target, { dimensions }: EmbeddingFamily): EmbeddingSpace {
  const name = model?.id ?? id
  return {
    id: `${provider}:${name}:${widthName(dimensions)}:${VERSION}`,
    provider,
    model: name,
    dimensions: EMBEDDING_DIMENSIONS,
    sourceDimensions: dimensions,
    version: VERSION,
  }
}
