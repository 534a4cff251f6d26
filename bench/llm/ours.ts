import { createLedger, ensureBudgets } from '@dayshift/domain/spending'
import { createBreakers, createLlm, createMemoryAdmission } from '@dayshift/llm'
import type { LlmOptions } from '@dayshift/llm'
import { createBedrockProvider } from '@dayshift/llm/bedrock'
import { createRedisAdmission } from '@dayshift/llm/redis'
import { createDatabase, migrate } from '@dayshift/storage'
import { CREDENTIALS, REGION } from './bare.ts'
import { MODEL, question } from './question.ts'
import { timed } from './side.ts'
import type { Side } from './side.ts'

/** Servers for what all processes share. The database is an empty one. */
export interface Services {
  databaseUrl: string
  redisUrl: string
}

/** Limits that are counted but never reached. */
const limits = { concurrency: 10_000, requestsPerMinute: 10_000_000, tokensPerMinute: 100_000_000_000 }

/** The provider through the gateway: retries, breakers, prices, and limits in this process. */
export const createLibrary = (url: string): Side =>
  createOurs(url, { admission: createMemoryAdmission() }, async () => {})

/** The same with a ledger and two budgets in PostgreSQL, and limits in Redis. */
export async function createEverything(url: string, { databaseUrl, redisUrl }: Services): Promise<Side> {
  const { db, close } = createDatabase(databaseUrl)
  await migrate(db)
  await ensureBudgets({ db, clock: () => new Date() }, { dailyUsd: 100_000, monthlyUsd: 1_000_000 })
  const ledger = createLedger(db)
  const problems: unknown[] = []
  const admission = createRedisAdmission({
    url: redisUrl,
    keyPrefix: `dayshift:bench:${process.pid}:`,
    // Hundreds of calls that begin in one turn keep the loop from reading for longer than usual.
    timeoutMs: 5_000,
    onDegraded: (error) => void problems.push(error),
  })
  return createOurs(url, { admission, ledger, onProblem: (error) => void problems.push(error) }, async () => {
    await ledger.close()
    await close()
    if (problems.length > 0) {
      throw new Error(`Not everything took part: ${problems.length} problems.`, { cause: problems[0] })
    }
  })
}

function createOurs(
  url: string,
  parts: Pick<LlmOptions, 'admission' | 'ledger' | 'onProblem'>,
  closeParts: () => Promise<void>,
): Side {
  const provider = createBedrockProvider({ region: REGION, endpoint: url, credentials: CREDENTIALS, modelId: MODEL })
  const llm = createLlm({ providers: [provider], breakers: createBreakers(), limits, ...parts })
  async function* texts(): AsyncGenerator<string> {
    for await (const event of llm.stream(question)) if (event.type === 'text') yield event.text
  }
  return {
    stream: (hooks) => timed(texts(), hooks),
    close: async () => {
      await llm.close()
      await closeParts()
    },
  }
}
