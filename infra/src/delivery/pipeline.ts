import { Codepipeline, SnsTopic, SnsTopicSubscription, type TerraformStack } from '../aws.ts'
import type { Statement } from '../policy.ts'
import type { Artifacts } from './artifacts.ts'
import type { Projects } from './projects.ts'
import { arnOf, createRole, readArtifacts, useConnection, writeArtifacts } from './roles.ts'
import type { Delivery } from './settings.ts'

interface Around {
  artifacts: Artifacts
  connectionArn: string
  projects: Projects
}

/**
 * Each commit of the branch: checked and built, released to staging and tried there, approved by a person, released to production
 * step by step. Of the first type: one is free, and what the second type can do more is not needed (aws.amazon.com/codepipeline/pricing).
 */
export function createPipeline(stack: TerraformStack, delivery: Delivery, around: Around): void {
  const { artifacts, connectionArn, projects } = around
  const { repository, branch, staging, production } = delivery
  const topicArn = createApprovalTopic(stack, delivery)
  const build = { category: 'Build', owner: 'AWS', provider: 'CodeBuild', version: '1', inputArtifacts: ['source'] }
  const release = (environment: string, steps: string, watchMinutes: number) => ({
    ...build,
    name: 'release',
    configuration: {
      ProjectName: projects.release,
      EnvironmentVariables: variables({
        ENVIRONMENT: environment,
        STEPS: steps,
        WATCH_MINUTES: String(watchMinutes),
        WEB_DIGEST: '#{build.WEB_DIGEST}',
        WORKER_DIGEST: '#{build.WORKER_DIGEST}',
      }),
    },
  })
  const approval = {
    name: 'approve',
    category: 'Approval',
    owner: 'AWS',
    provider: 'Manual',
    version: '1',
    configuration: {
      NotificationArn: topicArn,
      CustomData: `Commit #{source.CommitId} runs in ${staging} and passed the smoke test: #{source.CommitMessage}`,
    },
  }
  const source = {
    name: 'github',
    category: 'Source',
    owner: 'AWS',
    // CodeConnections under its first name.
    provider: 'CodeStarSourceConnection',
    version: '1',
    namespace: 'source',
    outputArtifacts: ['source'],
    configuration: {
      ConnectionArn: connectionArn,
      FullRepositoryId: repository,
      BranchName: branch,
      // A clone: images say of which commit they are.
      OutputArtifactFormat: 'CODEBUILD_CLONE_REF',
      DetectChanges: 'true',
    },
  }
  const name = 'dayshift-delivery'
  new Codepipeline(stack, 'pipeline', {
    name,
    pipelineType: 'V1',
    roleArn: createRole(
      stack,
      'pipeline',
      'codepipeline.amazonaws.com',
      pipelineMay(stack, delivery, around, topicArn),
    ),
    artifactStore: [{ type: 'S3', location: artifacts.name }],
    stage: [
      { name: 'source', action: [source] },
      {
        name: 'build',
        action: [
          {
            ...build,
            name: 'build',
            namespace: 'build',
            configuration: {
              ProjectName: projects.build,
              EnvironmentVariables: variables({ COMMIT: '#{source.CommitId}' }),
            },
          },
        ],
      },
      { name: staging, action: [release(staging, '100', 2)] },
      { name: 'approval', action: [approval] },
      { name: production, action: [release(production, '1 10 50 90 100', 10)] },
    ],
    tags: { Name: name },
  })
}

/** As CodePipeline hands them to CodeBuild. */
const variables = (values: Record<string, string>): string =>
  JSON.stringify(Object.entries(values).map(([name, value]) => ({ name, value, type: 'PLAINTEXT' })))

/** Encrypted with the key that AWS keeps for SNS: the pipeline publishes as its role, which may use it, not as a service. */
function createApprovalTopic(stack: TerraformStack, { approvalEmail }: Delivery): string {
  const name = 'dayshift-delivery-approvals'
  const topic = new SnsTopic(stack, 'approvals', {
    name,
    displayName: 'Dayshift delivery',
    kmsMasterKeyId: 'alias/aws/sns',
    tags: { Name: name },
  })
  new SnsTopicSubscription(stack, 'approvals-mail', { topicArn: topic.arn, protocol: 'email', endpoint: approvalEmail })
  return topic.arn
}

const pipelineMay = (
  stack: TerraformStack,
  delivery: Delivery,
  { artifacts, connectionArn, projects }: Around,
  topicArn: string,
): Statement[] => [
  readArtifacts(artifacts),
  writeArtifacts(artifacts),
  {
    Sid: 'ArtifactBucket',
    Effect: 'Allow',
    Action: ['s3:GetBucketAcl', 's3:GetBucketLocation', 's3:GetBucketVersioning', 's3:ListBucket'],
    Resource: artifacts.arn,
  },
  useConnection(connectionArn, delivery),
  {
    Sid: 'Builds',
    Effect: 'Allow',
    Action: ['codebuild:BatchGetBuilds', 'codebuild:StartBuild', 'codebuild:StopBuild'],
    Resource: Object.values(projects).map((project) => arnOf(stack, delivery, 'codebuild', `project/${project}`)),
  },
  { Sid: 'Approvals', Effect: 'Allow', Action: 'sns:Publish', Resource: topicArn },
]
