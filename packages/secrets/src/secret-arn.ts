export interface SecretArn {
  /** The ARN of the secret itself. */
  secretId: string
  region: string
  jsonKey: string | undefined
  versionStage: string | undefined
  versionId: string | undefined
}

const ARN =
  /^(arn:aws[\w-]*:secretsmanager:([a-z0-9-]+):\d{12}:secret:[\w/+=.@!-]+)(?::([^:]*))?(?::([^:]*))?(?::([^:]*))?$/

/**
 * Reads the ARN of a secret, with what Amazon ECS allows after it: `:json-key:version-stage:version-id`, each may be empty.
 * Source: Amazon ECS developer guide, "Pass Secrets Manager secrets through Amazon ECS environment variables".
 */
export function parseSecretArn(text: string): SecretArn | undefined {
  const [, secretId, region, jsonKey, versionStage, versionId] = ARN.exec(text) ?? []
  if (secretId === undefined || region === undefined) return undefined
  return {
    secretId,
    region,
    jsonKey: jsonKey || undefined,
    versionStage: versionStage || undefined,
    versionId: versionId || undefined,
  }
}
