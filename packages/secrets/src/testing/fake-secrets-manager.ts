import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type { AddressInfo } from 'node:net'

export interface FakeSecret {
  /** By version stage; `AWSCURRENT` is the one that counts. */
  text?: Record<string, string>
  binary?: Buffer
  /** An error of the API in place of an answer. */
  error?: { name: string; status: number; message: string }
}

export interface FakeSecretsManager {
  url: string
  /** By ARN. */
  secrets: Map<string, FakeSecret>
  /** The ARNs that were asked for, in order. */
  asked: string[]
  close(): void
}

const FIELDS = new Set(['SecretId', 'VersionStage', 'VersionId'])

/**
 * Secrets Manager's GetSecretValue as AWS JSON 1.1, and nothing else: what is not of that form is refused as AWS does.
 * Source: AWS Secrets Manager API reference, GetSecretValue and "Common Errors".
 */
export async function startFakeSecretsManager(): Promise<FakeSecretsManager> {
  const secrets = new Map<string, FakeSecret>()
  const asked: string[] = []
  const server = createServer((request, response) => void respond(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')

  const refuse = (name: string, message: string, status = 400) => ({ status, body: { __type: name, Message: message } })

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, body } = await answer(request)
    const type = 'application/x-amz-json-1.1'
    response.writeHead(status, { 'content-type': type, 'x-amzn-requestid': crypto.randomUUID() })
    response.end(JSON.stringify(body))
  }

  async function answer(request: IncomingMessage): Promise<{ status: number; body: object }> {
    const { headers, method, url } = request
    const sent = await text(request)
    if (method !== 'POST' || url !== '/') return refuse('UnknownOperationException', 'POST / was expected')
    if (headers['x-amz-target'] !== 'secretsmanager.GetSecretValue') return refuse('UnknownOperationException', '')
    if (headers['content-type'] !== 'application/x-amz-json-1.1') return refuse('SerializationException', '')
    const signed =
      /^AWS4-HMAC-SHA256 Credential=\w+\/\d{8}\/([a-z0-9-]+)\/secretsmanager\/aws4_request, SignedHeaders=\S*host\S*, Signature=[0-9a-f]{64}$/
    const [, region] = signed.exec(headers.authorization ?? '') ?? []
    if (region === undefined) return refuse('MissingAuthenticationTokenException', 'Missing Authentication Token')
    const input = JSON.parse(sent) as { SecretId?: string; VersionStage?: string }
    if (Object.keys(input).some((name) => !FIELDS.has(name))) return refuse('ValidationException', sent)
    const { SecretId: arn = '', VersionStage: stage = 'AWSCURRENT' } = input
    asked.push(arn)
    const secret = secrets.get(arn)
    const notFound = refuse('ResourceNotFoundException', "Secrets Manager can't find the specified secret.")
    if (!secret || arn.split(':')[3] !== region) return notFound
    if (secret.error) return refuse(secret.error.name, secret.error.message, secret.error.status)
    const common = { ARN: arn, Name: arn.split(':')[6], VersionStages: [stage], CreatedDate: 1_795_000_000 }
    if (secret.binary) return { status: 200, body: { ...common, SecretBinary: secret.binary.toString('base64') } }
    const found = secret.text?.[stage]
    return found === undefined ? notFound : { status: 200, body: { ...common, SecretString: found } }
  }

  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, secrets, asked, close: () => void server.close() }
}
