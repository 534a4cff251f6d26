import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { Log } from '@dayshift/domain/context'
import type { Usage } from '@dayshift/llm'
import type { ObjectStore } from '@dayshift/storage/objects'
import type { LogRecord, UnsureCall, VendorLog } from './reconcile.ts'

/** Where Bedrock delivers its model invocation log, and how it is read. */
export interface InvocationLogs {
  objects: ObjectStore
  /** The key prefix that the operator chose for the log, ending in a slash; none when absent. */
  prefix?: string
  /** The records of one file that are about our calls. */
  read: (text: string) => LogRecord[]
  /** What the vendor bills for so much; null when the price is not known. */
  priceOf: (call: UnsureCall, usage: Usage) => number | null
}

const HOUR_MS = 3_600_000
/** Files come within minutes; an hour is a file of the hour that comes last. */
const LATEST_DELIVERY_MS = HOUR_MS
/** A log that has something within a day before and a day after a time was kept at that time. */
const SILENCE_HOURS = 24
const MOST_BYTES = 1 << 29

const hourOf = (at: Date | number): number => Math.floor(Number(at) / HOUR_MS)

/** What the log holds about the calls. Files that cannot be read are named in our log; then silence proves nothing. */
export async function readVendorLog(
  logs: InvocationLogs,
  calls: UnsureCall[],
  { now, log }: { now: Date; log: Pick<Log, 'warn'> },
): Promise<VendorLog> {
  const files = await listFiles(logs, calls, now)
  const kept = new Set(files.map(({ hour }) => hour))
  const wanted = files.filter(({ hour }) => calls.some((call) => isAbout(call, hour)))
  const records: LogRecord[] = []
  let isWhole = true
  for (const { key } of wanted) {
    try {
      records.push(...logs.read(await readText(logs.objects, key)))
    } catch (error) {
      isWhole = false
      log.warn({ err: error, key }, 'a file of the model invocation log cannot be read')
    }
  }
  const hasAny = (from: number, to: number): boolean => kept.values().some((hour) => hour >= from && hour <= to)
  return {
    calls,
    records,
    completeUntil: new Date(now.getTime() - LATEST_DELIVERY_MS),
    wasKept(at) {
      const hour = hourOf(at)
      return isWhole && hasAny(hour - SILENCE_HOURS, hour) && hasAny(hour, hour + SILENCE_HOURS)
    },
    priceOf: logs.priceOf,
  }
}

const isAbout = ({ startedAt, dueAt }: UnsureCall, hour: number): boolean =>
  hour >= hourOf(startedAt) && hour <= hourOf(dueAt.getTime() + LATEST_DELIVERY_MS)

interface LogFile {
  key: string
  hour: number
}

/**
 * The files of the days around the calls, of every account and region that logs here:
 * `AWSLogs/<account>/BedrockModelInvocationLogs/<region>/YYYY/MM/DD/HH/<name>.json.gz`, times in UTC
 * (docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html). Long bodies lie in `data/` below and are left out.
 */
async function listFiles({ objects, prefix = '' }: InvocationLogs, calls: UnsureCall[], now: Date): Promise<LogFile[]> {
  const hours = calls.flatMap(({ startedAt, dueAt }) => {
    const first = hourOf(startedAt) - SILENCE_HOURS
    const last = Math.min(hourOf(dueAt) + SILENCE_HOURS, hourOf(now))
    return Array.from({ length: last - first + 1 }, (_, n) => first + n)
  })
  const days = new Set(hours.map((hour) => new Date(hour * HOUR_MS).toISOString().slice(0, 10).replaceAll('-', '/')))
  const files: LogFile[] = []
  for (const account of await listFolders(objects, `${prefix}AWSLogs/`)) {
    for (const region of await listFolders(objects, `${account}BedrockModelInvocationLogs/`)) {
      for (const day of days) {
        for await (const key of listKeys(objects, `${region}${day}/`)) {
          const hour = /^(\d\d)\/[^/]+\.json\.gz$/.exec(key.slice(`${region}${day}/`.length))?.[1]
          if (hour === undefined) continue
          files.push({ key, hour: hourOf(Date.parse(`${day.replaceAll('/', '-')}T${hour}:00:00Z`)) })
        }
      }
    }
  }
  return files
}

async function listFolders(objects: ObjectStore, prefix: string): Promise<string[]> {
  const { prefixes } = await objects.list({ prefix, delimiter: '/' })
  return prefixes
}

async function* listKeys(objects: ObjectStore, prefix: string): AsyncGenerator<string> {
  let cursor: string | undefined
  do {
    const page = await objects.list({ prefix, cursor })
    yield* page.objects.map(({ key }) => key)
    cursor = page.cursor
  } while (cursor !== undefined)
}

const unpack = promisify(gunzip)

async function readText(objects: ObjectStore, key: string): Promise<string> {
  const { bytes } = await objects.get(key)
  return (await unpack(bytes, { maxOutputLength: MOST_BYTES })).toString('utf8')
}
