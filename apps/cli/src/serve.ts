import { createSignInLink, ensureAdministrator } from '@dayshift/domain/accounts'
import { addDefaultSources } from '@dayshift/domain/sources'
import { openSessionParts } from '@dayshift/runtime'
import { builtPage, createModelServer, createServer, SessionData, type WebParts } from '@dayshift/web'
import { type Run, startQueues } from './run.ts'
import { signInAddress } from './sign-in-address.ts'

/** Web and worker in one process, on embedded parts unless the environment names real ones. */
export async function serve(run: Run): Promise<void> {
  const { config, open, log, closing, print } = run
  const { context, models, embedded, signedObjects } = open
  // The clock finds them due at once. Whoever removes them is not given them again.
  await addDefaultSources(context, { samples: config.SAMPLE_CONTENT, publicSources: config.DEFAULT_SOURCES })
  const queues = await startQueues(run, true)
  const sessions = openSessionParts({ config }, open, SessionData)
  closing.push(sessions.close)
  const parts = {
    ...sessions,
    context,
    models,
    watchJobs: queues.watch,
    publicUrl: config.PUBLIC_URL,
    trustProxyHops: config.TRUST_PROXY_HOPS,
    pageFolder: builtPage(),
    signedObjects,
  }
  const server = await createServer(parts, log)
  closing.push(() => server.close())
  const listening = await server.listen({ port: config.PORT, host: config.HOST })
  const modelAddress = await serveModels(run, parts)
  const address = config.PUBLIC_URL ?? listening.replace('127.0.0.1', 'localhost')
  const { id } = await ensureAdministrator(context.db)
  const link = signInAddress(address, await createSignInLink(context, id))
  print(`Dayshift is ready at ${address}`)
  if (embedded.length > 0) print(`Inside this process: ${embedded.join(', ')}. Data: ${config.DAYSHIFT_DATA}`)
  print(`Sign in once with this link (30 minutes): ${link}`)
  if (modelAddress !== undefined) print(`Ollama API: ${modelAddress}`)
  print(`API: ${address}/api/docs   Stop: Ctrl+C`)
}

/** The Ollama API on a port of its own, where one is set. Returns its address. */
async function serveModels({ config, log, closing }: Run, parts: WebParts): Promise<string | undefined> {
  if (config.OLLAMA_API_PORT === undefined) return undefined
  const server = await createModelServer(parts, log)
  closing.push(() => server.close())
  return server.listen({ port: config.OLLAMA_API_PORT, host: config.HOST })
}
