import type { Break } from './broken.ts'
import { dataBreaks } from './data.ts'
import { edgeBreaks } from './edge.ts'
import { everythingBreaks } from './everything.ts'
import { identityBreaks } from './identities.ts'
import { networkBreaks } from './network.ts'
import { scheduleBreaks } from './schedule.ts'
import { taskBreaks } from './tasks.ts'
import { watchingBreaks } from './watching.ts'

/** Each rule broken at least once. */
export const breaks: Break[] = [
  ...edgeBreaks,
  ...dataBreaks,
  ...networkBreaks,
  ...identityBreaks,
  ...taskBreaks,
  ...watchingBreaks,
  ...scheduleBreaks,
  ...everythingBreaks,
]
