import { LlmAnswerInvalid } from '../errors.ts'
import type { TextRequest } from '../llm.ts'
import type { Reply } from '../provider.ts'

/** The request with the answer and its fault behind it; undefined when asking again would not help: the answer is cut, or is no answer. */
export function repairRequest<T>(request: TextRequest<T>, reply: Reply, error: unknown): TextRequest<T> | undefined {
  if (!(error instanceof LlmAnswerInvalid) || reply.stopReason !== 'end') return undefined
  const said = reply.message.content.filter((part) => part.type === 'text' && part.text.trim() !== '')
  if (said.length === 0) return undefined
  const text = `${error.message}\nAnswer again, with the corrected JSON and nothing else.`
  return {
    ...request,
    messages: [
      ...request.messages,
      { role: 'assistant', content: said },
      { role: 'user', content: [{ type: 'text', text }] },
    ],
  }
}
