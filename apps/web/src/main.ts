import { readConfig } from '@dayshift/domain/config'
import { createLog, jobWatcher, openContext, openSessionParts, requireDatabase, runMain } from '@dayshift/runtime'
import { builtPage } from './built-page.ts'
import { SessionData } from './parts.ts'
import { createModelServer, createServer } from './server.ts'

await runMain(async (closing) => {
  const settings = readConfig(process.env)
  requireDatabase(settings, 'npm run web')
  const { config } = settings
  const log = createLog(config.LOG_LEVEL)
  const { context, models, databaseUrl, signedObjects, close } = await openContext(settings, log)
  closing.push(close)
  const sessions = await openSessionParts(settings, SessionData)
  closing.push(sessions.close)
  const watcher = await jobWatcher(databaseUrl, log)
  closing.push(watcher.close)
  const parts = {
    ...sessions,
    context,
    models,
    watchJobs: watcher.watch,
    publicUrl: config.PUBLIC_URL,
    trustProxyHops: config.TRUST_PROXY_HOPS,
    pageFolder: builtPage(),
    signedObjects,
  }
  const server = await createServer(parts, log)
  closing.push(() => server.close())
  await server.listen({ port: config.PORT, host: config.HOST })
  if (config.OLLAMA_API_PORT !== undefined) {
    const modelServer = await createModelServer(parts, log)
    closing.push(() => modelServer.close())
    await modelServer.listen({ port: config.OLLAMA_API_PORT, host: config.HOST })
  }
  log.info({ port: config.PORT }, 'the web is ready')
})
