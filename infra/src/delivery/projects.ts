import { CloudwatchLogGroup, CodebuildProject, type TerraformStack } from '../aws.ts'
import { accountId, partition } from '../identity.ts'
import type { Statement } from '../policy.ts'
import type { Artifacts } from './artifacts.ts'
import { arnOf, createRole, readArtifacts, useConnection, writeLog } from './roles.ts'
import type { Delivery } from './settings.ts'

interface Around {
  artifacts: Artifacts
  connectionArn: string
}

export interface Projects {
  /** Checks, tests, and pushes the images. */
  build: string
  /** Releases to the environment that its action names. */
  release: string
}

/** Two projects: what builds runs the code of a commit and may push images; what releases builds nothing and may become a deployment. */
export function createProjects(
  stack: TerraformStack,
  delivery: Delivery,
  { artifacts, connectionArn }: Around,
): Projects {
  const shared = (logGroupArn: string): Statement[] => [
    writeLog(logGroupArn),
    readArtifacts(artifacts),
    useConnection(connectionArn, delivery),
  ]
  const create = (name: 'build' | 'release', { minutes, docker, role, may }: Project): string => {
    const full = `dayshift-delivery-${name}`
    const log = new CloudwatchLogGroup(stack, `${name}-log`, {
      name: `/dayshift/delivery/${name}`,
      retentionInDays: 30,
      tags: { Name: full },
    })
    return new CodebuildProject(stack, name, {
      name: full,
      serviceRole: createRole(stack, role, 'codebuild.amazonaws.com', [...shared(log.arn), ...may]),
      buildTimeout: minutes,
      source: { type: 'CODEPIPELINE', buildspec: `infra/delivery/${name}.yml` },
      artifacts: { type: 'CODEPIPELINE' },
      environment: {
        // As Fargate runs them: nothing is emulated.
        type: 'ARM_CONTAINER',
        computeType: 'BUILD_GENERAL1_SMALL',
        image: 'aws/codebuild/amazonlinux-aarch64-standard:3.0',
        privilegedMode: docker,
      },
      logsConfig: { cloudwatchLogs: { groupName: log.name } },
      tags: { Name: full },
    }).name
  }
  return {
    build: create('build', { minutes: 60, docker: true, role: 'build', may: pushImages(stack, delivery) }),
    // Five steps of ten minutes, a sleeping database, and what goes slowly.
    release: create('release', { minutes: 240, docker: false, role: 'deploy', may: becomeDeployment(stack, delivery) }),
  }
}

interface Project {
  minutes: number
  /** Images are built, so there is a Docker engine. */
  docker: boolean
  /** `deploy` is the name that the roles of the deployments trust. */
  role: 'build' | 'deploy'
  may: Statement[]
}

const pushImages = (stack: TerraformStack, delivery: Delivery): Statement[] => [
  {
    Sid: 'Images',
    Effect: 'Allow',
    Action: [
      'ecr:BatchCheckLayerAvailability',
      'ecr:BatchGetImage',
      'ecr:CompleteLayerUpload',
      'ecr:DescribeImages',
      'ecr:InitiateLayerUpload',
      'ecr:PutImage',
      'ecr:UploadLayerPart',
    ],
    Resource: ['web', 'worker'].map((name) => arnOf(stack, delivery, 'ecr', `repository/dayshift/${name}`)),
  },
  { Sid: 'ImagesSignIn', Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' },
]

const becomeDeployment = (stack: TerraformStack, { staging, production }: Delivery): Statement[] => [
  {
    Sid: 'Deployments',
    Effect: 'Allow',
    Action: 'sts:AssumeRole',
    Resource: [staging, production].map(
      (name) => `arn:${partition(stack)}:iam::${accountId(stack)}:role/deploy-dayshift-${name}`,
    ),
  },
]
