import { describe, expect, test } from 'vitest'
import { linesOf, serviceOf, smallTask, stackOf } from '../testing/stack.ts'

const assumed = {
  objectsGb: 10,
  backupsGb: 20,
  putsThousand: 100,
  getsThousand: 1000,
  logsGb: 7,
  outGb: 110,
  zonesGb: 10,
  secretCalls10k: 2,
  schedulesMillion: 15,
}
const everything = {
  aws_s3_bucket: { main: {} },
  aws_ecs_service: { web: serviceOf('web', { desired_count: 0 }) },
  aws_ecs_task_definition: { web: smallTask },
  aws_secretsmanager_secret: { main: {} },
  aws_scheduler_schedule: { main: { schedule_expression: 'rate(1 day)', target: { arn: 'arn:aws:scheduler:::x' } } },
}

describe('what is charged by its use', () => {
  const lines = linesOf(stackOf('production', everything, assumed))

  test.each([
    ['s3.standard', 10 * 0.023],
    ['s3.ia', 20 * 0.0125],
    ['s3.put', 0.5],
    ['s3.get', 0.4],
    ['cloudwatch.logs', 2 * 0.5], // 5 GB are free
    ['cloudwatch.logs.kept', 7 * 0.03],
    ['transfer.out', 10 * 0.09], // 100 GB are free
    ['transfer.zone', 2 * 10 * 0.01], // charged in both directions
    ['secrets.calls', 0.1],
    ['scheduler.calls', 1], // 14 million are free
  ])('%s', (price, expected) => {
    const found = lines.filter((line) => line.resource === 'usage' && line.price === price)
    expect(found.map(({ usd }) => usd)).toEqual([expect.closeTo(expected, 10)])
  })

  test('is nothing where nothing can be used', () => {
    expect(linesOf(stackOf('production', { aws_vpc: { main: {} } }, assumed))).toEqual([])
  })
})

describe('what a resource is charged for by its use', () => {
  test.each([
    ['aws_cloudfront_distribution', { edgeGb: 1034, requestsMillion: 11 }, 10 * 0.085 + 1],
    ['aws_cloudfront_function', { requestsMillion: 3 }, 0.1],
    ['aws_kms_key', { keyCalls10k: 4 }, 1 + 2 * 0.03],
    ['aws_ecr_repository', { imagesGb: 3 }, 0.3],
    ['aws_backup_plan', { backupPlanGb: 10 }, 0.95],
    ['aws_sns_topic', { mailsThousand: 2 }, 0.02],
    ['aws_cloudwatch_composite_alarm', {}, 0.5],
    ['aws_wafv2_web_acl_logging_configuration', { vendedGb: 2 }, 0.5],
  ])('%s', (type, usage, expected) => {
    const lines = linesOf(stackOf('production', { [type]: { main: {} } }, usage))
    expect(lines.reduce((sum, { usd }) => sum + usd, 0)).toBeCloseTo(expected, 10)
  })
})
