import { createLlm, type Llm } from '@dayshift/llm'
import { createBedrockProvider } from '@dayshift/llm/bedrock'
import { createDatabase } from '@dayshift/storage'
import { createLedger } from '../ledger.ts'

const AT_ONCE = 16

/** Whole answers, streams read to the end, streams left early, and embeddings, one after another. */
const ways: ((llm: Llm, text: string) => Promise<unknown>)[] = [
  (llm, text) => llm.complete(request(text)),
  async (llm, text) => {
    for await (const _ of llm.stream(request(text)));
  },
  async (llm, text) => {
    for await (const event of llm.stream(request(text))) if (event.type === 'text') break
  },
  (llm, text) => llm.embed({ feature: 'soak.embed', texts: [text, `${text}!`, `${text}?`], purpose: 'document' }),
]

const request = (text: string) => ({
  feature: 'soak.text',
  maxTokens: 200,
  messages: [{ role: 'user' as const, content: [{ type: 'text' as const, text }] }],
})

/** Run as a process: calls models through the real SDK until it is killed, and tells its parent of each call that is over. */
async function main([databaseUrl = '', endpoint = '', seed = '']: string[]): Promise<void> {
  const { db } = createDatabase(databaseUrl)
  const bedrock = createBedrockProvider({
    region: 'us-east-1',
    modelId: 'amazon.nova-lite-v1:0',
    endpoint,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    idleTimeoutMs: 250,
    requestTimeoutMs: 250,
  })
  const retries = { attempts: 3, baseMs: 1, maxMs: 2_000 }
  // Calls of the dead are due soon, so that the test need not wait for them.
  const llm = createLlm({ providers: [bedrock], ledger: createLedger(db), retries, longestCallMs: 3_000 })
  const work = async (lane: number): Promise<void> => {
    for (let n = lane; ; n++) {
      const text = `Report ${seed} ${lane} ${n}: ${'a host was seen. '.repeat(n % 20)}`
      // Faults of the vendor are what this is about: whoever asked would see them.
      await ways[n % ways.length]!(llm, text).catch(() => undefined)
      process.send?.('called')
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, (_, lane) => work(lane)))
}

await main(process.argv.slice(2))
