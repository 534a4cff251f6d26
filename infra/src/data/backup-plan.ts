import { BackupPlan, BackupSelection, BackupVault, IamRole, IamRolePolicyAttachment } from '../aws.ts'
import type { TerraformStack } from '../aws.ts'
import type { Plan } from '../environment.ts'
import { boundaryArn, partition } from '../identity.ts'
import { policyDocument } from '../policy.ts'

/** Weekly snapshots of the database that outlive the instance and its own backups, in a vault. */
export function createBackupPlan(
  stack: TerraformStack,
  plan: Plan,
  { databaseArn, keyArn }: { databaseArn: string; keyArn: string | undefined },
): void {
  const name = `dayshift-${plan.name}`
  const tags = { Name: name }
  const vault = new BackupVault(stack, 'backup-vault', {
    name,
    ...(keyArn !== undefined && { kmsKeyArn: keyArn }),
    tags,
  })
  const schedule = new BackupPlan(stack, 'backup-plan', {
    name,
    rule: [
      {
        ruleName: 'weekly',
        targetVaultName: vault.name,
        // At opening on the first day, when the database runs in any profile; RDS's own windows lie towards closing.
        schedule: weekly(plan),
        scheduleExpressionTimezone: plan.hours.timeZone,
        startWindow: 60,
        completionWindow: 180,
        lifecycle: { deleteAfter: 56 },
      },
    ],
    tags,
  })
  const role = new IamRole(stack, 'backup-role', {
    name: `${name}-backup`,
    description: `AWS Backup makes snapshots of the database ${name}`,
    permissionsBoundary: boundaryArn(stack),
    // AWS Backup does not say for whom it asks; a role can only be handed to it from within its own account.
    assumeRolePolicy: policyDocument([
      {
        Sid: 'Backup',
        Effect: 'Allow',
        Principal: { Service: 'backup.amazonaws.com' },
        Action: 'sts:AssumeRole',
      },
    ]),
    tags,
  })
  new IamRolePolicyAttachment(stack, 'backup-role-may', {
    role: role.name,
    policyArn: `arn:${partition(stack)}:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup`,
  })
  new BackupSelection(stack, 'backup-selection', {
    name: 'database',
    planId: schedule.id,
    iamRoleArn: role.arn,
    resources: [databaseArn],
  })
}

const weekly = ({ hours: { days, from } }: Plan): string => {
  const [hour, minute] = from.split(':').map(Number)
  return `cron(${minute} ${hour} ? * ${days[0]!.toUpperCase()} *)`
}
