import type { EnvironmentVariables } from '@dayshift/domain/config'
import { checkHealth, type Health } from '@dayshift/domain/health'
import { createLog, openContext, openSettings, queueConnection, requireDatabase } from '@dayshift/runtime'
import type { Closing, Life } from '@dayshift/runtime/run-main'
import { serveHealth } from './health.ts'
import { openWorkerMetrics } from './metrics.ts'

/** Opens the worker as the environment says; what ends it is pushed to `closing`. */
export async function startWorkerProcess(
  environment: EnvironmentVariables,
  closing: Closing,
  life: Life,
): Promise<void> {
  const settings = await openSettings(environment)
  requireDatabase(settings, 'npm run worker')
  const { config } = settings
  life.stopWithin(config.STOP_WITHIN_S * 1000)
  const log = createLog(config.LOG_LEVEL, { service: 'worker', deployment: config.DEPLOYMENT })
  let check: (() => Promise<Health>) | undefined
  const health = await serveHealth({ port: config.WORKER_HEALTH_PORT, host: config.HOST }, life.phase, () => check?.())
  closing.push(health.close)
  // The jobs are loaded while the database is asked.
  const [{ startWorker, timesToClose }, open] = await Promise.all([import('./worker.ts'), openContext(settings, log)])
  closing.push(open.close)
  const { context, postgres } = open
  check = () => checkHealth(context)
  const { onRun, close: closeMetrics } = await openWorkerMetrics(config, context)
  closing.push(closeMetrics)
  const queues = await startWorker({ context, config, postgres, connection: queueConnection(open), onRun })
  closing.push(() => queues.close(timesToClose(life.msLeft())))
  log.info({ healthPort: health.port }, 'the worker is ready')
}
