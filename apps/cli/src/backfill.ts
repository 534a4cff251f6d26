import { backfillSummaries, planSummaryBackfill } from '@dayshift/domain/summaries'
import { createLog, openContext, openSettings, requireDatabase, runMain } from '@dayshift/runtime'
import { freeTarget, planText, readBackfill, sentText } from './backfill-text.ts'

// npm run backfill -- summaries [--from local] [--limit 1000] [--dry-run]
await runMain(async (closing) => {
  const settings = await openSettings(process.env)
  const { dryRun, ...options } = readBackfill(process.argv.slice(2))
  requireDatabase(settings, 'npm run backfill')
  const { context, models, close } = await openContext(settings, createLog(settings.config.LOG_LEVEL))
  closing.push(close)
  const plan = await planSummaryBackfill(context, {
    ...options,
    tier: settings.config.LLM_SERVICE_TIER,
    target: freeTarget(models),
  })
  console.log(planText(plan))
  if (!dryRun && plan.articleIds.length > 0) console.log(sentText(await backfillSummaries(context, plan)))
  closing.length = 0
  await close()
})
