import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readConfig, variables as known } from '../../../packages/domain/src/config/index.ts'
import { environmentOf, one, released, shifted, two, unreleased } from '../testing/environment.ts'
import type { Synthesized } from '../testing/synthesize.ts'

interface Container {
  name: string
  image: string
  command?: string[]
  environment: { name: string; value: string }[]
  healthCheck?: { command: string[]; startPeriod: number }
}

const production = environmentOf(released, 'production', 'economy')
const staging = environmentOf(released, 'staging', 'economy')
const families = ['web-blue', 'web-green', 'worker', 'migration']
const container = (stack: Synthesized, family: string): Container => {
  const definitions = JSON.parse(String(stack.get('aws_ecs_task_definition', `task-${family}`).container_definitions))
  return (definitions as [Container])[0]
}
const variables = (stack: Synthesized, family: string): Record<string, string> =>
  Object.fromEntries(container(stack, family).environment.map(({ name, value }) => [name, value]))

describe('a task', () => {
  test.each(families)('of %s runs on ARM64 Fargate, with its own role and not that of its start', (family) => {
    const definition = production.get('aws_ecs_task_definition', `task-${family}`)
    expect(definition).toMatchObject({
      requires_compatibilities: ['FARGATE'],
      network_mode: 'awsvpc',
      runtime_platform: { cpu_architecture: 'ARM64', operating_system_family: 'LINUX' },
      execution_role_arn: '${aws_iam_role.role-execution.arn}',
      task_role_arn: `\${aws_iam_role.role-${family.split('-')[0]}.arn}`,
      skip_destroy: true,
    })
  })

  test.each(families)('of %s writes nowhere but to /tmp and has no privileges', (family) => {
    expect(production.get('aws_ecs_task_definition', `task-${family}`)).toMatchObject({ volume: [{ name: 'tmp' }] })
    const { privileged, ...rest } = container(production, family) as Container & { privileged?: boolean }
    expect(rest).toMatchObject({
      readonlyRootFilesystem: true,
      mountPoints: [{ sourceVolume: 'tmp', containerPath: '/tmp', readOnly: false }],
      linuxParameters: { capabilities: { drop: ['ALL'] } },
    })
    expect(privileged).toBeUndefined()
  })

  test.each(families)('of %s may take as long for its end as Spot gives, and its process is told less', (family) => {
    expect(container(production, family)).toMatchObject({ stopTimeout: 120 })
    // The migration is not stopped by the clock, and has no such setting.
    expect(variables(production, family).STOP_WITHIN_S).toBe(family === 'migration' ? undefined : '110')
  })

  test('that serves or works says without a shell how it is; the migration ends by itself', () => {
    // The same commands as in the image, which ECS does not look at.
    const image = readFileSync(new URL('../../../docker/Dockerfile', import.meta.url), 'utf8')
    for (const family of ['web-blue', 'worker']) {
      const { healthCheck } = container(production, family)
      const [form, ...command] = healthCheck!.command
      expect(form).toBe('CMD')
      expect(image).toContain(`CMD ${JSON.stringify(command).replaceAll(',', ', ')}`)
      expect(variables(production, family)).toHaveProperty(command.at(-1)!)
      expect(healthCheck!.startPeriod).toBe(90)
    }
    const migration = container(production, 'migration')
    expect(migration).not.toHaveProperty('healthCheck')
    expect(migration.command).toEqual(['node', 'apps/cli/src/migrate.ts'])
  })

  test('logs to its own group, which forgets after the days of its environment', () => {
    expect(container(production, 'worker')).toMatchObject({
      logConfiguration: {
        logDriver: 'awslogs',
        options: { 'awslogs-group': '${aws_cloudwatch_log_group.logs-worker.name}', mode: 'non-blocking' },
      },
    })
    expect(production.get('aws_cloudwatch_log_group', 'logs-worker').retention_in_days).toBe(30)
    expect(staging.get('aws_cloudwatch_log_group', 'logs-worker').retention_in_days).toBe(7)
    expect(
      environmentOf(released, 'production', 'ha', { ownKey: true }).get('aws_cloudwatch_log_group', 'logs-web')
        .kms_key_id,
    ).toBe('${aws_kms_key.key.arn}')
  })

  test('is of the size that the profile buys', () => {
    expect(production.get('aws_ecs_task_definition', 'task-web-blue')).toMatchObject({ cpu: '512', memory: '1024' })
  })
})

describe('the images', () => {
  const web = '${data.aws_ecr_repository.repository-web.repository_url}'
  const worker = '${data.aws_ecr_repository.repository-worker.repository_url}'
  const images = (stack: Synthesized) => families.map((family) => container(stack, family).image)

  test('are those of the release, by their digests', () => {
    const none = `${web}:not-released`
    expect(images(production)).toEqual([
      `${web}@${one.web}`,
      none,
      `${worker}@${one.worker}`,
      `${worker}@${one.worker}`,
    ])
    expect(images(environmentOf(shifted(10), 'production', 'economy'))).toEqual([
      `${web}@${one.web}`,
      `${web}@${two.web}`,
      `${worker}@${one.worker}`,
      `${worker}@${two.worker}`,
    ])
  })

  test('are not there before the first release, and nothing is started', () => {
    const stack = environmentOf(unreleased, 'production', 'economy')
    expect(new Set(images(stack))).toEqual(new Set([`${web}:not-released`, `${worker}:not-released`]))
    for (const service of Object.values(stack.all('aws_ecs_service'))) expect(service.desired_count).toBe(0)
  })
})

describe('the variables', () => {
  const documented = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8')

  test.each(families)('of %s are all known to the processes', (family) => {
    for (const name of Object.keys(variables(production, family)))
      expect(documented).toContain(`| \`${name.replace(/_ARN$/, '')}\``)
  })

  test('of the web are these', () => {
    expect(variables(production, 'web-blue')).toMatchObject({
      NODE_ENV: 'production',
      DEPLOYMENT: 'production',
      HOST: '0.0.0.0',
      PORT: '8765',
      PUBLIC_URL: 'https://${aws_cloudfront_distribution.distribution.domain_name}',
      TRUST_PROXY_HOPS: '2',
      AWS_REGION: 'us-east-1',
      DATABASE_URL: expect.stringMatching(/^postgres:\/\/dayshift@\$\{.+\}:.+\/dayshift\?sslmode=verify-full$/),
      DATABASE_PASSWORD_ARN: '${aws_secretsmanager_secret.database-password.arn}',
      DATABASE_WAIT_S: '60',
      MIGRATE_ON_START: 'false',
      REDIS_URL: expect.stringMatching(/^rediss:\/\/\S+cache-user\S+@\S+primary_endpoint_address\}:6379$/),
      REDIS_IAM_CACHE: expect.stringContaining('aws_elasticache_replication_group.cache'),
      S3_BUCKET: expect.stringContaining('bucket-objects'),
      LLM_PROVIDER: 'bedrock',
      AWS_BEDROCK_MODEL_ID: 'anthropic.claude-haiku-5-5',
      AWS_BEDROCK_EMBEDDING_MODEL_ID: 'amazon.titan-embed-text-v2:0',
      LLM_DAILY_BUDGET_USD: '2',
      LLM_STRICT_PRICES: 'true',
      METRICS_EMF: 'true',
    })
  })

  test('tell the worker the hours and where Bedrock keeps its log, which staging does not', () => {
    expect(variables(production, 'worker')).toMatchObject({
      OPENING_HOURS: 'Mon-Fri 08:00-18:00 Europe/Berlin',
      WORKER_HEALTH_PORT: '8766',
      BEDROCK_LOGS_BUCKET: expect.stringContaining('bucket-logs'),
    })
    expect(variables(staging, 'worker')).not.toHaveProperty('BEDROCK_LOGS_BUCKET')
  })

  test('tell the migration alone who the administrator is', () => {
    expect(variables(production, 'migration')).toMatchObject({
      DATABASE_ADMIN_URL: expect.stringMatching(/^postgres:\/\/\w+@\$\{.+\}:.+\/postgres\?sslmode=verify-full$/),
      DATABASE_ADMIN_PASSWORD_ARN: expect.stringMatching(/master_user_secret\[0\]\.secret_arn\}:password::$/),
    })
    for (const family of ['web-blue', 'web-green', 'worker'])
      expect(Object.keys(variables(production, family)).filter((name) => name.includes('ADMIN'))).toEqual([])
  })

  test('name the domain where there is one', () => {
    const domain = { name: 'news.example.org', certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/1' }
    const stack = environmentOf(released, 'production', 'economy', { domain })
    expect(variables(stack, 'web-blue').PUBLIC_URL).toBe('https://news.example.org')
  })
})

/** What Terraform would put in place of its references, in form. */
const filledIn = (value: string): string =>
  value
    .replaceAll(/\$\{[^}]*\.port\}/g, '5432')
    .replaceAll(/\$\{[^}]*arn\}/g, 'arn:aws:secretsmanager:us-east-1:123456789012:secret:dayshift-AbCdEf')
    .replaceAll(/\$\{[^}]*\}/g, 'filled.example')

describe('the program takes its environment', () => {
  test.each(
    [production, staging].flatMap((stack, n) =>
      families.map((family) => [n ? 'staging' : 'production', family, stack]),
    ),
  )('of %s %s: every name is one of its variables, every value has its form', (_, family, stack) => {
    const given = Object.entries(variables(stack as Synthesized, family as string))
    const environment = Object.fromEntries(given.map(([name, value]) => [name, filledIn(value)]))
    const names = new Set(known.flatMap(({ name, secret }) => (secret ? [name, `${name}_ARN`] : [name])))
    expect(Object.keys(environment).filter((name) => !names.has(name))).toEqual([])
    expect(() => readConfig(environment)).not.toThrow()
  })
})
