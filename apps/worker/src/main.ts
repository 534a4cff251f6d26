import { readConfig } from '@dayshift/domain/config'
import { createLog, openContext, queueConnection, requireDatabase, runMain } from '@dayshift/runtime'
import { serveHealth } from './health.ts'
import { startWorker } from './worker.ts'

await runMain(async (closing) => {
  const settings = readConfig(process.env)
  requireDatabase(settings, 'npm run worker')
  const { config } = settings
  const log = createLog(config.LOG_LEVEL)
  const { context, databaseUrl, close } = await openContext(settings, log)
  closing.push(close)
  const queues = await startWorker({ context, config, databaseUrl, connection: queueConnection(settings, databaseUrl) })
  closing.push(() => queues.close())
  const health = await serveHealth(context, config.WORKER_HEALTH_PORT, config.HOST)
  closing.push(async () => void health.close())
  log.info({ healthPort: config.WORKER_HEALTH_PORT }, 'the worker is ready')
})
