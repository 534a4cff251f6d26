import type { IncomingMessage, ServerResponse } from 'node:http'
import { json as readJson } from 'node:stream/consumers'
import { z } from 'zod'
import type { FakeAnswer } from './fake-answers.ts'
import type { Fault, RandomFaults } from './faults.ts'

interface Controlled {
  requests: unknown[]
  invocationLog: unknown[]
  answer(...answers: FakeAnswer[]): void
  fail(...faults: Fault[]): void
  failRandomly(faults: RandomFaults | undefined): void
}

const PREFIX = '/_fake/'
const Name = z.string().transform((name) => name as Fault)
const Orders = z.strictObject({
  answers: z.array(z.unknown()).default([]),
  faults: z.array(Name).default([]),
  random: z.strictObject({ share: z.number(), seed: z.int(), faults: z.array(Name) }).nullish(),
})

export const isControl = ({ url }: IncomingMessage): boolean => url?.startsWith(PREFIX) ?? false

/**
 * The fake server from another process: `GET /_fake/invocation-log` gives the log, a record in a line, as AWS delivers it;
 * `GET /_fake/requests` how many came; `POST /_fake/orders` takes `{answers?, faults?, random?}`, null ends random faults.
 */
export async function runControl(fake: Controlled, request: IncomingMessage, response: ServerResponse): Promise<void> {
  switch (`${request.method} ${request.url}`) {
    case `GET ${PREFIX}invocation-log`:
      response.end(fake.invocationLog.map((record) => `${JSON.stringify(record)}\n`).join(''))
      return
    case `GET ${PREFIX}requests`:
      response.end(JSON.stringify({ requests: fake.requests.length }))
      return
    case `POST ${PREFIX}orders`: {
      const { answers, faults, random } = Orders.parse(await readJson(request))
      fake.answer(...(answers as FakeAnswer[]))
      fake.fail(...faults)
      if (random !== undefined) fake.failRandomly(random ?? undefined)
      response.end('{}')
      return
    }
    default:
      response.writeHead(404).end()
  }
}
