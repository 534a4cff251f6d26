import {
  DescribeDBInstancesCommand,
  type RDSClient,
  StartDBInstanceCommand,
  StopDBInstanceCommand,
} from '@aws-sdk/client-rds'
import type { Database } from '../ports.ts'

export function openDatabase(rds: RDSClient, environment: string): Database {
  const DBInstanceIdentifier = `dayshift-${environment}`
  return {
    status: async () => {
      const { DBInstances = [] } = await rds
        .send(new DescribeDBInstancesCommand({ DBInstanceIdentifier }))
        .catch(noInstance)
      return DBInstances[0]?.DBInstanceStatus ?? 'not there'
    },
    start: async () => {
      await rds.send(new StartDBInstanceCommand({ DBInstanceIdentifier }))
    },
    stop: async () => {
      await rds.send(new StopDBInstanceCommand({ DBInstanceIdentifier }))
    },
  }
}

function noInstance(error: unknown): { DBInstances?: never[] } {
  if (error instanceof Error && error.name === 'DBInstanceNotFoundFault') return {}
  throw error
}
