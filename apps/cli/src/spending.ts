import { listBudgets, SpendingBy, spendingReport } from '@dayshift/domain/spending'
import { StartError } from '@dayshift/runtime'
import { readArguments } from './arguments.ts'
import { readSince, runReading } from './reading.ts'
import { spendingText } from './spending-text.ts'

const USAGE = 'npm run spending -- [--by day|feature|model|account] [--since 7d] [--json]'

await runReading(process.env, async (db) => {
  const { values } = readArguments(
    {
      options: {
        by: { type: 'string', default: 'feature' },
        since: { type: 'string', default: '30d' },
        json: { type: 'boolean', default: false },
      },
    },
    USAGE,
  )
  const by = SpendingBy.safeParse(values.by)
  if (!by.success) throw new StartError(`--by ${values.by}: expected ${SpendingBy.options.join(', ')}.`)
  const now = new Date()
  const report = await spendingReport(db, { from: readSince(values.since, now), to: now, by: by.data })
  const budgets = await listBudgets({ db, clock: () => now })
  console.log(values.json ? JSON.stringify({ ...report, budgets }) : spendingText(by.data, report, budgets))
})
