import type { Charge, Stack } from '../charge.ts'
import { ofType } from '../resources.ts'

/** What is charged by its use and hangs on no single resource. */
export function useCharges({ resources, usage }: Stack): Charge[] {
  const has = (type: string): boolean => ofType(resources, type).length > 0
  const charge = (what: string, price: Charge['price'], quantity: number): Charge => ({
    resource: 'usage',
    what,
    price,
    quantity,
  })
  const buckets = [
    charge('objects, log files, pages', 's3.standard', usage.objectsGb),
    charge('backups', 's3.ia', usage.backupsGb),
    charge('writes', 's3.put', usage.putsThousand),
    charge('reads', 's3.get', usage.getsThousand),
  ]
  const tasks = [
    charge('logs of containers and database', 'cloudwatch.logs', usage.logsGb),
    charge('logs that are kept', 'cloudwatch.logs.kept', usage.logsGb),
    charge('from tasks to the internet', 'transfer.out', usage.outGb),
    charge('between zones, both directions', 'transfer.zone', 2 * usage.zonesGb),
  ]
  return [
    ...(has('aws_s3_bucket') ? buckets : []),
    ...(has('aws_ecs_service') ? tasks : []),
    ...(has('aws_secretsmanager_secret') ? [charge('reads of secrets', 'secrets.calls', usage.secretCalls10k)] : []),
    ...(has('aws_scheduler_schedule') ? [charge('calls', 'scheduler.calls', usage.schedulesMillion)] : []),
  ].filter(({ quantity }) => quantity > 0)
}
