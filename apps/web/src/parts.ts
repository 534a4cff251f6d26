import type { Context } from '@dayshift/domain/context'
import type { ModelListing } from '@dayshift/llm'
import type { Metrics } from '@dayshift/metrics'
import type { JobEvent } from '@dayshift/queue'
import type { Phase } from '@dayshift/runtime/run-main'
import type { Limiter, Sessions } from '@dayshift/session'
import type { FolderObjects } from '@dayshift/storage/objects'
import { z } from 'zod'

/** What a session holds: small plain JSON; everything else is looked up. */
export const SessionData = z.strictObject({
  accountId: z.uuid(),
  signedInBy: z.enum(['link', 'password']),
  userAgent: z.string().max(200),
})
export type SessionData = z.output<typeof SessionData>

/** What the web needs besides the domain's context, chosen in a `main.ts`. */
export interface WebParts {
  context: Context
  sessions: Sessions<SessionData>
  /** Tries to sign in; 60 in a minute for each key. */
  signInLimiter: Limiter
  /** Requests of one account or address. */
  requestLimiter: Limiter
  /** Calls back with what becomes of the jobs of all processes, until the returned function is called. */
  watchJobs: (listener: (event: JobEvent) => void) => () => void
  /** Where the browser finds us, for cookies and the origin check; undefined: the Host header says it. */
  publicUrl?: string | undefined
  trustProxyHops: number
  /** Objects in a folder, whose signed URLs are served here; undefined: another server has the objects. */
  signedObjects?: FolderObjects | undefined
  /** The built page; undefined: only the API is served. */
  pageFolder?: string | undefined
  /** The models that callers of the Ollama and OpenAI APIs may name; undefined: only `local`. */
  models?: ModelListing | undefined
  /** Where the process is between its start and its end; undefined: it serves. */
  phase?: (() => Phase) | undefined
  /** undefined: nobody asks for them. */
  metrics?: Metrics | undefined
}
