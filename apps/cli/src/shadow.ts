import { shadowReport } from '@dayshift/domain/shadow'
import { StartError } from '@dayshift/runtime'
import { readArguments } from './arguments.ts'
import { readSince, runReading } from './reading.ts'
import { shadowText } from './shadow-text.ts'

const USAGE = 'npm run shadow -- [--since 7d] [--feature article.summary] [--examples 3] [--json]'

await runReading(process.env, async (db) => {
  const { values } = readArguments(
    {
      options: {
        since: { type: 'string', default: '7d' },
        feature: { type: 'string' },
        examples: { type: 'string', default: '0' },
        json: { type: 'boolean', default: false },
      },
    },
    USAGE,
  )
  if (!/^\d{1,3}$/.test(values.examples)) throw new StartError(`--examples ${values.examples}: expected 0 to 999.`)
  const { since, feature, examples, json } = values
  const report = await shadowReport(db, { since: readSince(since, new Date()), feature, examples: Number(examples) })
  console.log(json ? JSON.stringify(report) : shadowText(report))
})
