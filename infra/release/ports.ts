import type { Plan } from '../src/environment.ts'
import type { Release } from '../src/release.ts'

/** What the commands reach of the world, so that tests can put something of their own in its place. */
export interface World {
  plan: Plan
  /** Folder of the release files. */
  releases: string
  terraform: Terraform
  services: Services
  capacity: Capacity
  database: Database
  alarms: Alarms
  log: Log
  site: Site
  clock: Clock
  say: (line: string) => void
  /** Somebody wants it to end: ^C, or the end of a job. */
  signal: AbortSignal
}

/** What Terraform said at the end of the last apply. */
export interface Applied {
  /** Absent where it was applied before stacks kept it. */
  release: Release | undefined
  /** `https://…` */
  address: string
  migration: MigrationPlace
}

interface MigrationPlace {
  taskDefinitionArn: string
  logGroup: string
  subnetIds: string[]
  groupId: string
  publicIp: boolean
}

export interface Terraform {
  /** Undefined before the first apply. */
  readApplied(): Promise<Applied | undefined>
  /** The whole stack, with the release file as it is. An interrupt lets Terraform end what it has in hand. */
  apply(): Promise<void>
}

export type ServiceName = 'web-blue' | 'web-green' | 'worker'
export const serviceNames: readonly ServiceName[] = ['web-blue', 'web-green', 'worker']

interface ServiceState {
  /** Tasks that run, of whatever version. */
  running: number
  /** Alarms at which ECS takes a deployment of this service back. */
  alarmNames: string[]
}

interface MigrationState {
  /** ECS's word, `STOPPED` in the end. */
  status: string
  /** Of the container; undefined while it runs, and when it never started. */
  exitCode: number | undefined
  /** ECS's reason for a stop. */
  reason: string
  /** Its stream in the log group. */
  logStream: string
}

export interface Services {
  /** Empty before the first apply. */
  list(): Promise<Map<ServiceName, ServiceState>>
  /** Tasks that run this image and are healthy. */
  countHealthy(service: ServiceName, digest: string): Promise<number>
  /** Application Auto Scaling moves a service that is out of its bounds only with the next event; this does it now. */
  setDesired(service: ServiceName, count: number): Promise<void>
  /** ARN of the migration that runs, if one does. */
  findMigration(): Promise<string | undefined>
  startMigration(place: MigrationPlace): Promise<string>
  getMigration(taskArn: string): Promise<MigrationState>
}

export interface Capacity {
  setBounds(service: ServiceName, bounds: { min: number; max: number }): Promise<void>
}

export interface Database {
  /** RDS's word: available, stopped, starting, backing-up … */
  status(): Promise<string>
  start(): Promise<void>
  stop(): Promise<void>
}

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA'

export interface Alarms {
  /** Those that do not exist are missing in the answer. */
  states(names: string[]): Promise<Map<string, AlarmState>>
}

export interface Log {
  /** The newest lines, oldest first; empty when there is no such stream. */
  tail(group: string, stream: string, lines: number): Promise<string[]>
}

export interface Site {
  /** Throws when nothing answers. */
  get(url: string): Promise<{ status: number; body: string }>
}

export interface Clock {
  nowMs(): number
  /** Throws {@link Interrupted} when the signal comes first. */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

/** Says what was done, and what to do now. Its message is for the person at the terminal. */
export class ReleaseError extends Error {}

export class Interrupted extends Error {
  constructor() {
    super('Interrupted.')
  }
}
