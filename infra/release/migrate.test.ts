import { describe, expect, test } from 'vitest'
import { migrate } from './migrate.ts'
import { openStage, prepared } from './testing/world.ts'

describe('the migration', () => {
  test('runs as the stack says, without a way in, to its end', async () => {
    await using stage = await openStage(prepared)
    stage.aws.log = ['Applied 0031.', 'done\n']
    await migrate(stage.world)
    expect(stage.aws.changes).toEqual([
      'ecs RunTask arn:aws:ecs:us-east-1:123456789012:task-definition/dayshift-migration:7 ' +
        '{"awsvpcConfiguration":{"subnets":["subnet-1","subnet-2"],"securityGroups":["sg-1"],"assignPublicIp":"ENABLED"}}',
    ])
    expect(stage.said).toEqual(['Starting the migration.', '  Applied 0031.', '  done', 'The database is migrated.'])
  })

  test('that fails stops the release with the end of its log', async () => {
    await using stage = await openStage(prepared)
    stage.aws.migrationExit = 1
    stage.aws.log = Array.from({ length: 60 }, (_, index) => `line ${index}`)
    await expect(migrate(stage.world)).rejects.toThrow(/The migration ended with 1[^]*No traffic was shifted/)
    expect(stage.said).toContain('  line 59')
    expect(stage.said).not.toContain('  line 19')
  })

  test('whose container never starts is a failure, with the reason of ECS', async () => {
    await using stage = await openStage(prepared)
    stage.aws.migrationExit = undefined
    await expect(migrate(stage.world)).rejects.toThrow('never started: Task failed to start; CannotPullContainerError')
  })

  test('that runs already is waited for: there are never two', async () => {
    await using stage = await openStage(prepared)
    stage.aws.migrations.set('arn:aws:ecs:us-east-1:123456789012:task/dayshift-production/migration1', 0)
    await migrate(stage.world)
    expect(stage.aws.changes).toEqual([])
    expect(stage.said[0]).toContain('waiting for it')
  })

  test('is not begun while the database sleeps', async () => {
    await using stage = await openStage(prepared)
    stage.aws.database = 'stopped'
    await expect(migrate(stage.world)).rejects.toThrow(/nothing was migrated[^]*wake/)
    expect(stage.aws.changes).toEqual([])
  })
})
