import { setTimeout as sleep } from 'node:timers/promises'
import type { EnvironmentVariables } from '@dayshift/domain/config'
import {
  createLog,
  jobWatcher,
  type Log,
  openContext,
  openSessionParts,
  openSettings,
  requireDatabase,
} from '@dayshift/runtime'
import type { Closing, Life } from '@dayshift/runtime/run-main'
import { builtPage } from './built-page.ts'
import { openWebMetrics } from './metrics.ts'
import { SessionData } from './parts.ts'
import type { Web } from './server.ts'

/** Opens the web service as the environment says; what ends it is pushed to `closing`. */
export async function startWeb(environment: EnvironmentVariables, closing: Closing, life: Life): Promise<void> {
  const settings = await openSettings(environment)
  requireDatabase(settings, 'npm run web')
  const { config } = settings
  life.stopWithin(config.STOP_WITHIN_S * 1000)
  const log = createLog(config.LOG_LEVEL, { service: 'web', deployment: config.DEPLOYMENT })
  // The routes are loaded while the database is asked.
  const [{ createModelServer, createServer }, open] = await Promise.all([
    import('./server.ts'),
    openContext(settings, log),
  ])
  closing.push(open.close)
  const { context, models, signedObjects } = open
  const sessions = openSessionParts(settings, open, SessionData)
  closing.push(sessions.close)
  const watcher = await jobWatcher(open.postgres, log)
  closing.push(watcher.close)
  const { metrics, close: closeMetrics } = await openWebMetrics(config, sessions.sessions, log)
  closing.push(closeMetrics)
  const parts = {
    ...sessions,
    context,
    models,
    watchJobs: watcher.watch,
    publicUrl: config.PUBLIC_URL,
    trustProxyHops: config.TRUST_PROXY_HOPS,
    pageFolder: builtPage(),
    signedObjects,
    phase: life.phase,
    metrics,
  }
  const server = await createServer(parts, log)
  const servers = [server]
  closing.push(() => closeServers(servers, life, log))
  const address = await server.listen({ port: config.PORT, host: config.HOST })
  if (config.OLLAMA_API_PORT !== undefined) {
    const modelServer = await createModelServer(parts, log)
    servers.push(modelServer)
    await modelServer.listen({ port: config.OLLAMA_API_PORT, host: config.HOST })
  }
  log.info({ port: Number(new URL(address).port) }, 'the web is ready')
}

// Proxies ask each few seconds whether we are ready; as long they may still send, and are answered.
const LONGEST_NOTICE_MS = 5_000
const NOTICE_SHARE = 1 / 20
// For what is closed after the servers.
const REST_MS = 2_000
const REST_SHARE = 1 / 5

/** Lets proxies see that we are no longer ready, then takes no new connection, finishes what was asked, and ends streams. */
async function closeServers(servers: Web[], life: Life, log: Log): Promise<void> {
  const stopMs = life.msLeft()
  await sleep(Math.min(LONGEST_NOTICE_MS, stopMs * NOTICE_SHARE))
  const restMs = Math.min(REST_MS, stopMs * REST_SHARE)
  const timer = setTimeout(
    () => {
      log.warn('requests that were not answered in time are cut off')
      for (const { server } of servers) server.closeAllConnections()
    },
    Math.max(0, life.msLeft() - restMs),
  )
  await Promise.all(servers.map((server) => server.close()))
  clearTimeout(timer)
}
