import type { Sandbox } from '@dayshift/sandbox'
import type { Content, ExtractedArticle, PageInput } from './extract.ts'

const module = new URL('extract.ts', import.meta.url)

/** `extractArticle` under the sandbox's wall clock and heap limit; throws its errors too. */
export const readPage = (sandbox: Sandbox, input: PageInput): Promise<ExtractedArticle> =>
  sandbox.run(module, 'extractArticle', input)

/** `htmlToContent` under the sandbox's wall clock and heap limit; throws its errors too. */
export const readFragment = (sandbox: Sandbox, input: { html: string; url: string }): Promise<Content> =>
  sandbox.run(module, 'htmlToContent', input)
