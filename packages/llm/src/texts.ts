import { LlmRefusedRequest } from './errors.ts'

/** @throws LlmRefusedRequest that names the first text without a visible character. */
export function refuseBlank(texts: string[]): void {
  const at = texts.findIndex((text) => text.trim() === '')
  if (at !== -1) throw new LlmRefusedRequest(`texts[${at}] is blank: a blank text has no embedding.`)
}
