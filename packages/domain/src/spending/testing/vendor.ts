import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LogRecord } from '../reconcile.ts'
import { usageOf } from './calls.ts'

export interface Vendor {
  url: string
  /** Its own log: what it did and bills. */
  records: LogRecord[]
  /** Its bill in millionths of a dollar: one for each token in, two for each token out. */
  billMicroUsd(): number
  close(): Promise<void>
}

/** A model of sorts over HTTP: writes every call to its log, then answers with its usage a little later, or breaks off. */
export async function startVendor(): Promise<Vendor> {
  const records: LogRecord[] = []
  const server = createServer((request, response) => {
    const n = records.length
    const usage = usageOf(100 + (n % 7), 10 + (n % 5))
    records.push({ callId: (request.url ?? '').slice(1), usage, modelId: 'm', timestamp: new Date() })
    void sleep(n % 4).then(() => (n % 10 === 9 ? response.destroy() : response.end(JSON.stringify(usage))))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    records,
    billMicroUsd: () => records.reduce((sum, { usage }) => sum + usage.inputTokens + 2 * usage.outputTokens, 0),
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
