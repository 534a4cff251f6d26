/** What CloudWatch knows as units of the metrics we have; MetricDatum in its API reference lists all. */
export type Unit = 'Count' | 'Seconds' | 'Milliseconds' | 'Percent' | 'Bytes' | 'None'

export interface EmfLine<Name extends string> {
  namespace: string
  /** One set: each metric has all of them. */
  dimensions: Readonly<Record<string, string>>
  units: Readonly<Record<Name, Unit>>
  /** One that is undefined or no finite number is left out of the line. */
  values: Readonly<Record<Name, number | undefined>>
  at: Date
}

/**
 * One event in CloudWatch's embedded metric format: a JSON object whose member `_aws` says which of its other members are
 * metrics. Undefined when there is nothing to say.
 * Source: Amazon CloudWatch User Guide, "Specification: Embedded metric format".
 */
export function emfLine<Name extends string>(line: EmfLine<Name>): string | undefined {
  const { namespace, dimensions, units, at } = line
  const values = Object.entries<number | undefined>(line.values).filter(([, value]) => Number.isFinite(value))
  if (values.length === 0) return undefined
  const unitOf: Readonly<Record<string, Unit>> = units
  const directive = {
    Namespace: namespace,
    Dimensions: [Object.keys(dimensions)],
    Metrics: values.map(([name]) => ({ Name: name, Unit: unitOf[name] ?? 'None' })),
  }
  return JSON.stringify({
    _aws: { Timestamp: at.getTime(), CloudWatchMetrics: [directive] },
    ...dimensions,
    ...Object.fromEntries(values),
  })
}

export interface EmfOptions<Name extends string> extends Omit<EmfLine<Name>, 'values' | 'at'> {
  read: () => Promise<Readonly<Record<Name, number | undefined>>>
  /** Takes one line, its end included: standard output, which the container's log driver carries to CloudWatch. */
  write: (line: string) => void
  /** Hears why a line was left out. */
  onError?: (error: unknown) => void
  /** Default 60,000. */
  everyMs?: number
}

export interface Emf {
  close(): void
}

/**
 * Writes the metrics exactly once in each minute (UTC) of the process's life, in its middle, where a late timer does not
 * slip into the next one. So within a minute SampleCount is the number of processes, and the average of a total that each
 * of them tells is that total. A minute in which `read` fails, or ends too late, has no line.
 */
export function startEmf<Name extends string>({
  read,
  write,
  onError,
  everyMs = 60_000,
  ...line
}: EmfOptions<Name>): Emf {
  const minuteOf = (ms: number): number => Math.floor(ms / everyMs)
  let closed = false
  let timer: NodeJS.Timeout | undefined

  async function tell(minute: number): Promise<void> {
    try {
      const values = await read()
      const at = new Date()
      if (closed) return
      if (minuteOf(at.getTime()) !== minute) throw new Error('The metrics were read too late for their minute.')
      const text = emfLine({ ...line, values, at })
      if (text !== undefined) write(`${text}\n`)
    } catch (error) {
      if (!closed) onError?.(error)
    }
  }

  function plan(after: number): void {
    const nowMs = Date.now()
    const middleMs = (minute: number): number => (minute + 0.5) * everyMs
    const minute = Math.max(after + 1, minuteOf(nowMs) + (nowMs > middleMs(minuteOf(nowMs)) ? 1 : 0))
    timer = setTimeout(
      () => {
        // A clock that was put back, or a timer that fired early: the minute has not come yet.
        if (Date.now() < middleMs(minute) - 1) return plan(minute - 1)
        // Asleep for longer, such as a laptop with its lid closed: that minute is gone.
        if (minuteOf(Date.now()) === minute) void tell(minute)
        plan(minute)
      },
      middleMs(minute) - nowMs,
    )
    timer.unref()
  }

  plan(minuteOf(Date.now()) - 1)
  return {
    close() {
      closed = true
      clearTimeout(timer)
    },
  }
}
