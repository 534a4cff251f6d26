import type { TextRequest } from '@dayshift/llm'

export const MODEL = 'amazon.nova-lite-v1:0'
export const MAX_TOKENS = 400

/** As long as an article with its instructions is on average: the request is signed, priced and sent on both sides. */
const ARTICLE_CHARACTERS = 11_000
const sentence = 'The loader wrote two files to the profile of the user and asked its server for orders. '

export const TEXT: string = sentence.repeat(ARTICLE_CHARACTERS / sentence.length)

export const question: TextRequest = {
  feature: 'article.summary',
  maxTokens: MAX_TOKENS,
  temperature: 0.2,
  messages: [{ role: 'user', content: [{ type: 'text', text: TEXT }] }],
}
