import { CodeconnectionsConnection, type TerraformStack } from '../aws.ts'
import { createArtifacts } from './artifacts.ts'
import { createPipeline } from './pipeline.ts'
import { createProjects } from './projects.ts'
import type { Delivery } from './settings.ts'

/**
 * Releases every commit of a branch, in AWS. An administrator applies it once, after the bootstrap, and then lets the connection into
 * the repository in the console: until somebody has signed in to GitHub there it is pending.
 */
export function createDelivery(stack: TerraformStack, delivery: Delivery): void {
  const connection = new CodeconnectionsConnection(stack, 'github', {
    name: 'dayshift-delivery',
    providerType: 'GitHub',
    tags: { Name: 'dayshift-delivery' },
  })
  const artifacts = createArtifacts(stack)
  const projects = createProjects(stack, delivery, { artifacts, connectionArn: connection.arn })
  createPipeline(stack, delivery, { artifacts, connectionArn: connection.arn, projects })
}
