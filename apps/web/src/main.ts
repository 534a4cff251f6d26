import { readConfig } from '@dayshift/domain/config'
import { createLog, jobWatcher, openContext, openSessionParts, requireDatabase, runMain } from '@dayshift/runtime'
import { builtPage } from './built-page.ts'
import { SessionData } from './parts.ts'
import { createServer } from './server.ts'

await runMain(async (closing) => {
  const settings = readConfig(process.env)
  requireDatabase(settings, 'npm run web')
  const { config } = settings
  const log = createLog(config.LOG_LEVEL)
  const { context, databaseUrl, signedObjects, close } = await openContext(settings, log)
  closing.push(close)
  const sessions = await openSessionParts(settings, SessionData)
  closing.push(sessions.close)
  const watcher = await jobWatcher(databaseUrl, log)
  closing.push(watcher.close)
  const server = await createServer(
    {
      ...sessions,
      context,
      watchJobs: watcher.watch,
      publicUrl: config.PUBLIC_URL,
      trustProxyHops: config.TRUST_PROXY_HOPS,
      pageFolder: builtPage(),
      signedObjects,
    },
    log,
  )
  closing.push(() => server.close())
  await server.listen({ port: config.PORT, host: config.HOST })
  log.info({ port: config.PORT }, 'the web is ready')
})
