import type { BackfillPlan } from '@dayshift/domain/summaries'
import type { ModelListing, Target } from '@dayshift/llm'
import { StartError } from '@dayshift/runtime'
import { readArguments } from './arguments.ts'

const USAGE = 'npm run backfill -- summaries [--from <provider>] [--limit <n>] [--dry-run]'

export interface BackfillArguments {
  /** Also what this provider summarised, such as `local`. */
  from: string | undefined
  limit: number
  dryRun: boolean
}

/** Reads the command line. Throws StartError with one line that says what was wrong. */
export function readBackfill(args: string[]): BackfillArguments {
  const { values, positionals } = readArguments(
    {
      args,
      allowPositionals: true,
      options: {
        from: { type: 'string' },
        limit: { type: 'string', default: '1000' },
        'dry-run': { type: 'boolean', default: false },
      },
    },
    USAGE,
  )
  if (positionals.join() !== 'summaries') {
    throw new StartError(`Expected what is to be filled: summaries. Usage: ${USAGE}`)
  }
  const { from, limit, 'dry-run': dryRun } = values
  if (!/^[1-9]\d{0,5}$/.test(limit)) throw new StartError(`--limit ${limit}: expected a whole number from 1 to 999999.`)
  return { from, limit: Number(limit), dryRun }
}

/** What ordinary jobs ask, when that costs nothing: the models that are listed first are those asked by default. */
export function freeTarget(models: ModelListing): Target | undefined {
  const first = models.list().find(({ kind }) => kind === 'text')
  if (!first || first.provider === 'bedrock') return undefined
  const { provider, id } = first
  return { provider, id, model: undefined, scope: 'region', warnings: [], free: true }
}

/** What will be done and what it costs at most. */
export function planText({ articleIds, way, worstCaseUsd }: BackfillPlan): string {
  if (articleIds.length === 0) return 'Every article has its summary, or is waiting for it.'
  const how = way === 'batch' ? 'in batches, answered within a day' : 'by ordinary jobs of the worker'
  if (worstCaseUsd === 0) return `${counted(articleIds.length, 'article')} to summarise ${how}. It costs nothing.`
  const cost =
    worstCaseUsd === null
      ? 'What that costs at most is not known: the price of the model is not in the catalogue, or not known here.'
      : `At most that costs $${worstCaseUsd.toFixed(4)}.`
  return `${counted(articleIds.length, 'article')} to summarise ${how}. ${cost}`
}

/** What was done. */
export function sentText({ batchIds, jobs }: { batchIds: string[]; jobs: number }): string {
  const parts = [
    ...(batchIds.length > 0 ? [`${counted(batchIds.length, 'batch', 'batches')} entered: ${batchIds.join(', ')}`] : []),
    ...(jobs > 0 || batchIds.length === 0 ? [`${counted(jobs, 'job')} queued`] : []),
  ]
  return `${parts.join('; ')}.`
}

const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`
