import {
  type Answer,
  type CallOptions,
  type Llm,
  LlmAnswerInvalid,
  type StreamEvent,
  type TextRequest,
} from '@dayshift/llm'
import { unfence, unfencing } from './fences.ts'

/** Cut JSON is no JSON, but these say of themselves that they were cut: the caller gets what there is, and the reason. */
const cutShort = new Set(['max-tokens', 'context-exceeded', 'content-filtered', 'guardrail'])

/** A whole answer; where JSON was asked for, without the fence that models put around it. @throws LlmError */
export async function ask(llm: Llm, request: TextRequest<unknown>, options: CallOptions): Promise<Answer<unknown>> {
  const answer = checked(
    await llm.complete(request, kept(request, options)).catch((error: unknown) => partOf(error, options)),
  )
  return request.schema ? { ...answer, text: unfence(answer.text) } : answer
}

/** The same in pieces. */
export async function* askInPieces(
  llm: Llm,
  request: TextRequest<unknown>,
  options: CallOptions,
): AsyncGenerator<StreamEvent<unknown>, void> {
  const fence = request.schema && unfencing()
  const lastText = (): string => fence?.end() ?? ''
  try {
    for await (const event of llm.stream(request, kept(request, options))) {
      const text =
        event.type === 'text' ? (fence?.push(event.text) ?? event.text) : event.type === 'end' ? lastText() : ''
      if (text !== '') yield { type: 'text', text }
      if (event.type === 'end') yield { type: 'end', answer: checked(event.answer) }
      else if (event.type !== 'text') yield event
    }
  } catch (error) {
    const answer = checked(partOf(error, options))
    const text = lastText()
    if (text !== '') yield { type: 'text', text }
    yield { type: 'end', answer }
  }
}

/** Who asks again at another temperature than 0 wants another answer, not the one of yesterday. */
const kept = ({ temperature }: TextRequest<unknown>, options: CallOptions): CallOptions => ({
  ...options,
  fresh: options.fresh === true || temperature !== 0,
})

function partOf(error: unknown, { signal }: CallOptions): Answer<unknown> {
  // However a model says that it was stopped, why it was is known here.
  signal?.throwIfAborted()
  if (error instanceof LlmAnswerInvalid && error.answer && cutShort.has(error.answer.stopReason)) return error.answer
  throw error
}

function checked(answer: Answer<unknown>): Answer<unknown> {
  if (answer.stopReason === 'malformed') {
    throw new LlmAnswerInvalid(`${answer.model} gave an answer that its vendor calls malformed.`, {
      answer: { ...answer, json: undefined },
    })
  }
  const why = cutShort.has(answer.stopReason) ? [`The answer ended early: ${answer.stopReason}.`] : []
  return { ...answer, warnings: [...answer.warnings, ...why] }
}
