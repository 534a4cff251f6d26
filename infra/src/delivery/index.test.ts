import { describe, expect, test } from 'vitest'
import { App } from '../aws.ts'
import { DeliveryStack } from '../stack.ts'
import { type Attributes, terraformOf } from '../testing/synthesize.ts'
import { delivery } from './settings.ts'

interface Action {
  name: string
  provider: string
  category: string
  namespace?: string
  input_artifacts?: string[]
  configuration: Record<string, string>
}
interface Stage {
  name: string
  action: Action[]
}

const json = terraformOf(new DeliveryStack(new App(), delivery, { bucket: 'dayshift-state-1' }))
const pipeline = json.get('aws_codepipeline', 'pipeline')
const stages = pipeline.stage as Stage[]
const actionOf = (stage: string): Action => stages.find(({ name }) => name === stage)!.action[0]!
const variablesOf = (stage: string): Record<string, string> =>
  Object.fromEntries(
    (JSON.parse(actionOf(stage).configuration.EnvironmentVariables!) as { name: string; value: string }[]).map(
      ({ name, value }) => [name, value],
    ),
  )

describe('the pipeline', () => {
  test('is of the type of which one is free', () => expect(pipeline.pipeline_type).toBe('V1'))

  test('goes from the branch through staging and an approval to production', () => {
    expect(stages.map(({ name, action }) => [name, ...action.map(({ provider }) => provider)])).toEqual([
      ['source', 'CodeStarSourceConnection'],
      ['build', 'CodeBuild'],
      ['staging', 'CodeBuild'],
      ['approval', 'Manual'],
      ['production', 'CodeBuild'],
    ])
  })

  test('clones the repository by the connection, with its history: the images say of which commit they are', () => {
    expect(actionOf('source').configuration).toMatchObject({
      ConnectionArn: '${aws_codeconnections_connection.github.arn}',
      FullRepositoryId: delivery.repository,
      BranchName: 'main',
      OutputArtifactFormat: 'CODEBUILD_CLONE_REF',
    })
  })

  test('releases to production, step by step, the very images that were tried in staging', () => {
    const digests = { WEB_DIGEST: '#{build.WEB_DIGEST}', WORKER_DIGEST: '#{build.WORKER_DIGEST}' }
    expect(actionOf('build').namespace).toBe('build')
    expect(variablesOf('staging')).toEqual({ ENVIRONMENT: 'staging', STEPS: '100', WATCH_MINUTES: '2', ...digests })
    expect(variablesOf('production')).toEqual({
      ENVIRONMENT: 'production',
      STEPS: '1 10 50 90 100',
      WATCH_MINUTES: '10',
      ...digests,
    })
  })

  test('asks for the approval by an encrypted topic', () => {
    expect(actionOf('approval').configuration.NotificationArn).toBe('${aws_sns_topic.approvals.arn}')
    expect(json.get('aws_sns_topic', 'approvals').kms_master_key_id).toBe('alias/aws/sns')
  })
})

describe('the builds', () => {
  const environmentOf = (project: string) => json.get('aws_codebuild_project', project).environment as Attributes
  test('run on ARM, and only what builds images has a Docker engine', () => {
    for (const project of ['build', 'release'])
      expect(environmentOf(project)).toMatchObject({ type: 'ARM_CONTAINER', compute_type: 'BUILD_GENERAL1_SMALL' })
    expect(environmentOf('build').privileged_mode).toBe(true)
    expect(environmentOf('release').privileged_mode).toBe(false)
  })

  test('follow the files of the commit', () => {
    for (const project of ['build', 'release'])
      expect(json.get('aws_codebuild_project', project).source).toMatchObject({
        buildspec: `infra/delivery/${project}.yml`,
      })
  })
})

describe('the roles', () => {
  const actionsOf = (role: string): string[] =>
    json.statements('aws_iam_role_policy', `${role}-role-policy`).flatMap(({ Action = [] }) => Action)

  test('of the build can push images and become nobody', () => {
    expect(actionsOf('build')).toContain('ecr:PutImage')
    expect(actionsOf('build').filter((action) => /^(sts|iam|ecs|rds):|\*/.test(action))).toEqual([])
  })

  test('of the release can become the two deployments and do nothing else to AWS', () => {
    const become = json.statements('aws_iam_role_policy', 'deploy-role-policy').filter(({ Action }) => Action === 'sts:AssumeRole') // prettier-ignore
    expect(become).toHaveLength(1)
    const roles = [become[0]!.Resource].flat().map((arn) => arn!.split('/').at(-1))
    expect(roles).toEqual(['deploy-dayshift-staging', 'deploy-dayshift-production'])
    expect(actionsOf('deploy').filter((action) => !/^(logs:|s3:GetObject|codeconnections:UseConnection|sts:AssumeRole)/.test(action))).toEqual([]) // prettier-ignore
    // That name is what the deployments trust: infra/src/deploy-role.ts.
    expect(json.get('aws_iam_role', 'deploy-role').name).toBe('dayshift-delivery-deploy')
  })

  test('use the connection for this repository alone', () => {
    for (const role of ['build', 'deploy', 'pipeline']) {
      const use = json.statements('aws_iam_role_policy', `${role}-role-policy`).find(({ Sid }) => Sid === 'Repository')
      expect(use?.Condition).toEqual({ StringEquals: { 'codeconnections:FullRepositoryId': delivery.repository } })
    }
  })

  test('of the pipeline start these two builds only', () => {
    const builds = json.statements('aws_iam_role_policy', 'pipeline-role-policy').find(({ Sid }) => Sid === 'Builds')
    expect([builds?.Resource].flat()).toHaveLength(2)
    for (const arn of [builds?.Resource].flat())
      expect(arn).toMatch(/:project\/\$\{aws_codebuild_project\.(build|release)\.name\}$/)
  })
})

test('artifacts go after a month, and logs too', () => {
  expect(json.get('aws_s3_bucket_lifecycle_configuration', 'artifacts-lifecycle').rule).toMatchObject([{ expiration: [{ days: 30 }] }]) // prettier-ignore
  for (const log of ['build-log', 'release-log'])
    expect(json.get('aws_cloudwatch_log_group', log).retention_in_days).toBe(30)
})
