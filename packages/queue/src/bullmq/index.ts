export type { QueueConnection } from './backend.ts'
export type { QueueLog } from './log.ts'
export { startQueues, type Queues, type QueuesOptions } from './queues.ts'
export type { Schedule } from './schedules.ts'
