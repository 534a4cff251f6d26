export { openContext, type OpenContext, type Settings } from './context.ts'
export { createLog, type Log } from './log.ts'
export { jobWatcher, openSessionParts, queueConnection, requireDatabase, type JobWatcher } from './parts.ts'
export { runMain, StartError } from './run-main.ts'
