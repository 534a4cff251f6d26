import { startFakeBedrock } from '@dayshift/llm/testing'
import type { FakeAnswer } from '@dayshift/llm/testing'

/** How the fake answers; each manner has a server of its own. */
const manners = {
  /** At once. */
  prompt: {},
  /** As a model does: with a pause before the text. */
  paced: { text: 'It wrote two files.', frameDelayMs: 10 },
  /** A token each millisecond. */
  steady: { text: Array.from({ length: 300 }, (_, i) => ` w${i % 100}`), frameDelayMs: 1 },
  /** Very long and all at once. */
  burst: { text: Array.from({ length: 2_000 }, (_, i) => ` w${i % 100}`) },
  /** Open for about three seconds. */
  slow: { text: Array.from({ length: 15 }, (_, i) => ` w${i}`), frameDelayMs: 150 },
} satisfies Record<string, FakeAnswer>

export type Manner = keyof typeof manners
export type Addresses = Record<Manner, string>

const servers = await Promise.all(
  Object.entries(manners).map(async ([manner, answer]) => {
    const { url } = await startFakeBedrock({ defaultAnswer: answer, fast: true })
    return [manner, url]
  }),
)
process.send?.(Object.fromEntries(servers))
process.once('disconnect', () => process.exit(0))
