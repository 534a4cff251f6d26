import type { Profile } from './environment.ts'

const micro = { instanceClass: 'db.t4g.micro', storageGb: 20 }
const small = { vcpu: 0.5, memoryMb: 1024 }

/** What each profile buys. `npm run cost` shows what that costs; a test holds the limits. */
export const profiles: Record<Profile['name'], Profile> = {
  economy: {
    name: 'economy',
    database: { ...micro, multiAz: false, always: false, backupDays: 7 },
    cache: { nodeType: 'cache.t4g.micro', nodes: 1 },
    web: { ...small, min: 1, max: 3, always: false },
    worker: { ...small, min: 1, max: 3, always: false, onDemandBase: 0 },
    endpoints: { bedrock: 'none', secrets: 'none', ecr: 'none', logs: 'none' },
    waf: false,
    containerInsights: false,
    backupPlan: false,
  },
  standard: {
    name: 'standard',
    database: { ...micro, multiAz: false, always: true, backupDays: 7 },
    cache: { nodeType: 'cache.t4g.micro', nodes: 1 },
    web: { ...small, min: 1, max: 4, always: false },
    worker: { ...small, min: 1, max: 4, always: false, onDemandBase: 0 },
    endpoints: { bedrock: 'one-az', secrets: 'one-az', ecr: 'none', logs: 'none' },
    waf: true,
    containerInsights: false,
    backupPlan: false,
  },
  ha: {
    name: 'ha',
    database: { ...micro, multiAz: true, always: true, backupDays: 14 },
    cache: { nodeType: 'cache.t4g.micro', nodes: 2 },
    web: { ...small, min: 2, max: 4, always: true },
    worker: { ...small, min: 2, max: 4, always: true, onDemandBase: 1 },
    endpoints: { bedrock: 'every-az', secrets: 'every-az', ecr: 'none', logs: 'none' },
    waf: true,
    containerInsights: false,
    backupPlan: true,
  },
}
