import type { Config } from '@dayshift/domain/config'
import type { Metrics } from '@dayshift/metrics'
import type { Log } from '@dayshift/runtime'
import type { Sessions } from '@dayshift/session'

export interface WebMetrics {
  /** undefined: nobody asks for them. */
  metrics: Metrics | undefined
  close(): Promise<void>
}

/** For tests: where the lines for CloudWatch go, and how often. */
interface EmfOutput {
  write?: (line: string) => void
  everyMs?: number
}

type Settings = Pick<Config, 'METRICS_PORT' | 'METRICS_EMF' | 'DEPLOYMENT' | 'HOST'>

/**
 * Serves the metrics of a web process to Prometheus and writes those for CloudWatch, each where the settings ask for it.
 * `ActiveSessions` is the total over all web processes, told by each of them.
 */
export async function openWebMetrics(
  { METRICS_PORT, METRICS_EMF, DEPLOYMENT, HOST }: Settings,
  sessions: Pick<Sessions<unknown>, 'countActive'>,
  log: Pick<Log, 'info' | 'warn'>,
  { write = (line) => void process.stdout.write(line), ...timing }: EmfOutput = {},
): Promise<WebMetrics> {
  const closing: (() => unknown)[] = []
  const close = async (): Promise<void> => {
    for (const end of closing) await end()
  }
  if (METRICS_PORT === undefined && !METRICS_EMF) return { metrics: undefined, close }
  const { createMetrics, serveMetrics, startEmf } = await import('@dayshift/metrics')
  const onError = (error: unknown): void => log.warn({ err: error }, 'metrics could not be read')
  if (METRICS_EMF) {
    const emf = startEmf({
      namespace: 'Dayshift',
      dimensions: { Environment: DEPLOYMENT },
      units: { ActiveSessions: 'Count' },
      read: async () => ({ ActiveSessions: await sessions.countActive() }),
      write,
      onError,
      ...timing,
    })
    closing.push(emf.close)
  }
  if (METRICS_PORT === undefined) return { metrics: undefined, close }
  const metrics = createMetrics({ onError })
  metrics.measured(
    { dayshift_active_sessions: 'Sessions used within the last 15 minutes, of all web processes together' },
    async () => ({ dayshift_active_sessions: await sessions.countActive() }),
  )
  const server = await serveMetrics(metrics, { port: METRICS_PORT, host: HOST })
  closing.push(server.close)
  log.info({ metricsPort: server.port }, 'metrics are served')
  return { metrics, close }
}
