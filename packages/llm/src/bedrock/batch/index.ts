import {
  BedrockClient,
  CreateModelInvocationJobCommand,
  GetModelInvocationJobCommand,
  ListModelInvocationJobsCommand,
  StopModelInvocationJobCommand,
} from '@aws-sdk/client-bedrock'
import type { BedrockClientConfig, ModelInvocationJobStatus } from '@aws-sdk/client-bedrock'
import type { BatchJob, BatchJobState, BatchModels, BatchObjects, BatchProgress, PreparedBatch } from '../../batch.ts'
import { defaultCatalogue } from '../../catalogue.ts'
import type { Catalogue, Model } from '../../catalogue.ts'
import { LlmModelNotFound, LlmRefusedRequest, LlmTimeout, LlmUnavailable } from '../../errors.ts'
import type { Target } from '../../provider.ts'
import { toLlmError } from '../errors.ts'
import { resolveModel } from '../model-id.ts'
import { readLines } from './lines.ts'
import { readResult, readTotals } from './output.ts'
import { toRecord } from './record.ts'

export interface BedrockBatchOptions {
  region: string
  /** For batches that name no model: a catalogue id, an alias or an inference profile. */
  modelId: string
  /** What Bedrock reads and writes the objects as: https://docs.aws.amazon.com/bedrock/latest/userguide/batch-iam-sr.html. */
  roleArn: string
  /** The bucket that `objects` is; it must be of the same account. */
  bucket: string
  objects: BatchObjects
  /** All objects of batches lie under it. */
  keyPrefix?: string
  /** Instead of AWS's own, for a private endpoint or a test. */
  endpoint?: string | undefined
  /** Instead of the SDK's own search for them. */
  credentials?: BedrockClientConfig['credentials']
  catalogue?: Catalogue
  /** Both are quotas of the account and the model, which may be raised. */
  minRecords?: number
  maxRecords?: number
  /** The most that a job may wait and run, 24 to 168. */
  timeoutHours?: number
  requestTimeoutMs?: number
  clock?: () => Date
}

const STATES: Record<ModelInvocationJobStatus, BatchJobState> = {
  Submitted: 'waiting',
  Validating: 'waiting',
  Scheduled: 'waiting',
  InProgress: 'running',
  Stopping: 'running',
  Completed: 'done',
  PartiallyCompleted: 'done',
  Failed: 'failed',
  Stopped: 'stopped',
  Expired: 'expired',
}

/** Batch inference on Amazon Bedrock: model invocation jobs in Converse's form. Nothing is retried here. */
export function createBedrockBatches(options: BedrockBatchOptions): BatchModels {
  const { region, bucket, objects, keyPrefix = 'batches/', catalogue = defaultCatalogue } = options
  const { minRecords = 100, maxRecords = 50_000, timeoutHours = 24, requestTimeoutMs = 30_000 } = options
  const { clock = () => new Date() } = options
  const client = createClient(options)
  const inputKey = (jobName: string) => `${keyPrefix}${jobName}/requests.jsonl`
  const outputPrefix = (jobName: string) => `${keyPrefix}${jobName}/answers/`
  // Bedrock writes into a folder that has the last part of the job's ARN as its name.
  const outputsOf = ({ jobId, jobName }: BatchJob) =>
    objects.list(`${outputPrefix(jobName)}${jobId.split('/').at(-1)}/`)

  /** One call with its deadline, its errors in our words. */
  async function call<T>(about: string, send: (limits: { abortSignal: AbortSignal }) => Promise<T>): Promise<T> {
    const deadline = AbortSignal.timeout(requestTimeoutMs)
    try {
      return await send({ abortSignal: deadline })
    } catch (error) {
      if (deadline.aborted) throw new LlmTimeout(`${about}: no answer within ${requestTimeoutMs} ms.`, { cause: error })
      throw toLlmError(error, about)
    }
  }

  function toTarget(name: string, from: Catalogue): Target {
    const resolved = resolveModel(name, { catalogue: from, region, now: clock() })
    if (resolved.model?.kind !== 'embedding') return { ...resolved, provider: 'bedrock' }
    throw new LlmModelNotFound(`${resolved.id} makes embeddings: a batch here is of text.`)
  }

  async function* toInput({ target, requests }: PreparedBatch): AsyncGenerator<Uint8Array> {
    const seen = new Set<string>()
    for await (const request of requests) {
      if (seen.has(request.recordId)) throw new LlmRefusedRequest(`Record ${request.recordId} stands twice in a batch.`)
      seen.add(request.recordId)
      if (seen.size > maxRecords) throw new LlmRefusedRequest(`A batch has at most ${maxRecords} records.`)
      yield Buffer.from(toRecord(request, target))
    }
    if (seen.size < minRecords) {
      throw new LlmRefusedRequest(`A batch has at least ${minRecords} records, this one ${seen.size}.`)
    }
  }

  return {
    minRecords,
    maxRecords,
    resolve: (name = options.modelId) => toTarget(name, catalogue),
    recall: (id) => toTarget(id, { ...catalogue, models: catalogue.models.map(alive) }),
    prepare: (batch) => objects.put(inputKey(batch.jobName), toInput(batch)),
    find: async (jobName) => {
      // Names hold a unique id, so that one page is enough.
      const { invocationJobSummaries = [] } = await call(`batch ${jobName}`, (limits) =>
        client.send(new ListModelInvocationJobsCommand({ nameContains: jobName }), limits),
      )
      const jobId = invocationJobSummaries.find((job) => job.jobName === jobName)?.jobArn
      return jobId === undefined ? undefined : { jobId }
    },
    submit: async ({ jobName, target }) => {
      const { jobArn } = await call(`batch ${jobName}`, (limits) =>
        client.send(
          new CreateModelInvocationJobCommand({
            jobName,
            clientRequestToken: jobName,
            roleArn: options.roleArn,
            modelId: target.id,
            modelInvocationType: 'Converse',
            inputDataConfig: {
              s3InputDataConfig: { s3InputFormat: 'JSONL', s3Uri: `s3://${bucket}/${inputKey(jobName)}` },
            },
            outputDataConfig: { s3OutputDataConfig: { s3Uri: `s3://${bucket}/${outputPrefix(jobName)}` } },
            timeoutDurationInHours: timeoutHours,
          }),
          limits,
        ),
      )
      if (jobArn === undefined) throw new LlmUnavailable(`batch ${jobName}: Bedrock gave the job no ARN.`)
      return { jobId: jobArn }
    },
    poll: async (jobId): Promise<BatchProgress> => {
      const job = await call(`batch ${jobId}`, (limits) =>
        client.send(new GetModelInvocationJobCommand({ jobIdentifier: jobId }), limits),
      )
      const state = job.status && STATES[job.status]
      if (!state)
        throw new LlmUnavailable(`batch ${jobId}: Bedrock says it is "${job.status}", which is not known here.`)
      return {
        state,
        message:
          job.status === 'PartiallyCompleted' ? (job.message ?? 'The time did not suffice for all.') : job.message,
        counts:
          job.totalRecordCount === undefined
            ? undefined
            : {
                total: job.totalRecordCount,
                processed: job.processedRecordCount ?? 0,
                succeeded: job.successRecordCount ?? 0,
                failed: job.errorRecordCount ?? 0,
              },
      }
    },
    collect: async function* (job) {
      const keys = await outputsOf(job)
      for (const key of keys.filter((key) => key.endsWith('.jsonl.out'))) {
        for await (const line of readLines(objects.read(key))) {
          const result = readResult(line)
          if (result) yield result
        }
      }
    },
    findTotals: async (job) => {
      const key = (await outputsOf(job)).find((key) => key.endsWith('/manifest.json.out'))
      return key === undefined ? undefined : readTotals(await readText(objects.read(key)))
    },
    stop: async (jobId) => {
      try {
        await call(`batch ${jobId}`, (limits) =>
          client.send(new StopModelInvocationJobCommand({ jobIdentifier: jobId }), limits),
        )
      } catch (error) {
        // A conflict: it ended before.
        if (!(error instanceof LlmRefusedRequest)) throw error
      }
    },
    close: () => client.destroy(),
  }
}

const alive = (model: Model): Model => ({ ...model, status: 'active', endOfLife: null })

function createClient({ region, endpoint, credentials }: BedrockBatchOptions): BedrockClient {
  return new BedrockClient({
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
    maxAttempts: 1,
  })
}

async function readText(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  return Buffer.concat(await Array.fromAsync(pieces)).toString()
}
