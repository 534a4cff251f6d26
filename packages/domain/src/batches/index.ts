export type { BatchFeature } from './batch.ts'
export { defineBatchPolling } from './jobs.ts'
export { pollBatches } from './poll.ts'
export { submitBatch } from './submit.ts'
