import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { parseSecretArn, type SecretArn } from './secret-arn.ts'

export interface SecretsManagerOptions {
  /** Default: that of each ARN. */
  region?: string
  /** Another address than that of AWS. */
  endpoint?: string
}

export interface SecretsManager {
  /**
   * The text of a secret, or where the ARN ends with a JSON key the value of that key.
   * Throws SecretUnavailable, whose message never has a value.
   */
  get(arn: string): Promise<string>
}

/** A secret cannot be had; the message says why and what to do, not which ARN. */
export class SecretUnavailable extends Error {
  override name = 'SecretUnavailable'
}

const CONNECTION_TIMEOUT_MS = 5_000
const REQUEST_TIMEOUT_MS = 10_000

/** Secrets of AWS Secrets Manager, with the credentials that the AWS SDK finds. Keeps nothing. */
export function createSecretsManager({ region, endpoint }: SecretsManagerOptions = {}): SecretsManager {
  const clients = new Map<string, SecretsManagerClient>()

  function clientIn(region: string): SecretsManagerClient {
    const client =
      clients.get(region) ??
      new SecretsManagerClient({
        region,
        ...(endpoint !== undefined && { endpoint }),
        requestHandler: { connectionTimeout: CONNECTION_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS },
      })
    clients.set(region, client)
    return client
  }

  return {
    async get(arn) {
      const parsed = parseSecretArn(arn)
      if (!parsed) {
        throw new SecretUnavailable(
          'this is no ARN of a secret. Expected arn:aws:secretsmanager:<region>:<account>:secret:<name>-<suffix>, and where it holds JSON :<key>:: after it.',
        )
      }
      const { secretId: SecretId, versionStage: VersionStage, versionId: VersionId } = parsed
      const command = new GetSecretValueCommand({ SecretId, VersionStage, VersionId })
      const { SecretString: text } = await clientIn(region ?? parsed.region)
        .send(command)
        .catch((error: unknown) => {
          throw toUnavailable(error, parsed)
        })
      if (text === undefined) {
        throw new SecretUnavailable('the secret is binary. Expected text: store it as SecretString.')
      }
      return parsed.jsonKey === undefined ? text : valueOf(text, parsed.jsonKey)
    },
  }
}

function valueOf(text: string, key: string): string {
  let fields: unknown
  try {
    fields = JSON.parse(text)
  } catch {
    fields = undefined
  }
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
    throw new SecretUnavailable(
      `the secret is no JSON object, so it has no key "${key}". Expected one, or an ARN without a key.`,
    )
  }
  const value = (fields as Record<string, unknown>)[key]
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  const keys = Object.keys(fields).map((name) => `"${name}"`)
  throw new SecretUnavailable(
    `the secret has no text under the key "${key}"; it has ${keys.length === 0 ? 'no keys' : keys.join(', ')}.`,
  )
}

/** By the error names of the API reference of GetSecretValue. The cause is left out: it may repeat the request. */
function toUnavailable(error: unknown, { region }: SecretArn): SecretUnavailable {
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  if (name === 'ResourceNotFoundException') {
    return new SecretUnavailable(`there is no such secret or version in ${region}. Mend the ARN, or make the secret.`)
  }
  if (name === 'AccessDeniedException') {
    return new SecretUnavailable(
      'access is denied. Allow the role of this process secretsmanager:GetSecretValue on it, and kms:Decrypt where it has a key of its own.',
    )
  }
  if (name === 'DecryptionFailure') {
    return new SecretUnavailable('it cannot be decrypted. Allow the role of this process kms:Decrypt with its key.')
  }
  if (name === 'InvalidRequestException') {
    return new SecretUnavailable(`it cannot be read now, such as one that is to be deleted: ${message}`)
  }
  if (name === 'CredentialsProviderError') {
    return new SecretUnavailable(
      'no AWS credentials were found. Give this process a role, or set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    )
  }
  return new SecretUnavailable(`Secrets Manager in ${region} did not give it: ${name}: ${message}`)
}
