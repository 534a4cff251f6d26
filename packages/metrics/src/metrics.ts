import * as prom from 'prom-client'

/** A value for every label. They must come from a short list: each combination is a series that is kept for good. */
export type Labels<Label extends string> = Readonly<Record<Label, string>>

/** Only goes up. By convention its name ends in `_total`. */
export interface Counter<Label extends string> {
  add(labels: Labels<Label>, value?: number): void
}

export interface Gauge {
  add(value: number): void
}

export interface Histogram<Label extends string> {
  observe(labels: Labels<Label>, value: number): void
}

/** The metrics of one process. Names and units follow Prometheus: `dayshift_requests_total`, seconds, bytes, ratios. */
export interface Metrics {
  counter<Label extends string>(name: string, help: string, labels: readonly Label[]): Counter<Label>
  gauge(name: string, help: string): Gauge
  /** `buckets` are upper bounds, rising. */
  histogram<Label extends string>(
    name: string,
    help: string,
    options: { labels: readonly Label[]; buckets: readonly number[] },
  ): Histogram<Label>
  /**
   * Gauges that are read together whenever somebody asks, by name and help. One whose value is undefined is left out, and
   * all are while `read` fails or takes longer than 5 s: an old value would be taken for a present one.
   */
  measured<Name extends string>(
    gauges: Readonly<Record<Name, string>>,
    read: () => Promise<Readonly<Record<Name, number | undefined>>>,
  ): void
  /** All of them in the text format of Prometheus, version 0.0.4. Never throws because of a `read`. */
  text(): Promise<string>
  readonly contentType: string
}

export interface MetricsOptions {
  /** Hears why a `read` gave nothing. */
  onError?: (error: unknown) => void
  readTimeoutMs?: number
}

/** Metrics with those of the process: memory, CPU, lag of the event loop, garbage collection. */
export function createMetrics({ onError, readTimeoutMs = 5_000 }: MetricsOptions = {}): Metrics {
  const registry = new prom.Registry()
  const registers = [registry]
  const refreshes: (() => Promise<void>)[] = []
  prom.collectDefaultMetrics({ register: registry })

  return {
    counter(name, help, labelNames) {
      const counter = new prom.Counter({ name, help, labelNames, registers })
      return { add: (labels, value = 1) => counter.inc(labels, value) }
    },
    gauge(name, help) {
      const gauge = new prom.Gauge({ name, help, registers })
      return { add: (value) => gauge.inc(value) }
    },
    histogram(name, help, { labels: labelNames, buckets }) {
      const histogram = new prom.Histogram({ name, help, labelNames, buckets: [...buckets], registers })
      return { observe: (labels, value) => histogram.observe(labels, value) }
    },
    measured(gauges, read) {
      const named = Object.entries<string>(gauges).map(
        ([name, help]) => [name, new prom.Gauge({ name, help, registers })] as const,
      )
      refreshes.push(async () => {
        let values: Readonly<Record<string, number | undefined>> = {}
        try {
          values = await within(readTimeoutMs, read())
        } catch (error) {
          onError?.(error)
        }
        for (const [name, gauge] of named) {
          const value = values[name]
          if (value === undefined) gauge.remove()
          else gauge.set(value)
        }
      })
    },
    async text() {
      await Promise.all(refreshes.map((refresh) => refresh()))
      return registry.metrics()
    },
    contentType: registry.contentType,
  }
}

async function within<Value>(ms: number, work: Promise<Value>): Promise<Value> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`There was no answer within ${ms} ms.`)), ms)
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
