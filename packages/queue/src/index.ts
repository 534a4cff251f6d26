export { takeBackJobs } from './alone.ts'
export { InvalidInputError, PermanentError, RetryLater } from './errors.ts'
export {
  after,
  defineJob,
  step,
  type AnyJob,
  type Job,
  type JobTools,
  type Rule,
  type Step,
  type StepOptions,
} from './job.ts'
export { enqueue, type QueueDb } from './outbox.ts'
export {
  countJobs,
  findJob,
  listJobs,
  pruneJobs,
  retryJob,
  type JobFilter,
  type JobRecord,
  type JobState,
  type QueueCount,
} from './records.ts'
export type { PostgresPlace, PostgresServer } from './postgres-server.ts'
export { watchJobs, type JobEvent, type JobListener } from './watch.ts'
