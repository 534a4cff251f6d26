import type { FakeBatchJob, FakeBatchOptions } from './fake-batch.ts'
import { parseInput } from './fake-batch-bodies.ts'
import type { InputLine } from './fake-batch-bodies.ts'
import { parseConverse, Refusal } from './request-bodies.ts'

export interface FakeBatchAnswer {
  text: string
  inputTokens: number
  outputTokens: number
  /** Thinking that stands before the text. */
  reasoning?: string
}

/** How a job goes; all of it is worked on when nothing is said. */
export interface FakeBatchWork {
  /** Records that fail, with AWS's words. */
  errors?: Record<string, { errorCode: number; errorMessage: string }>
  /** Only so many records are worked on before the time is over; a stopped job too. */
  only?: number
  /** Validation fails, with these words. */
  failsWith?: string
  /** It never began. */
  expires?: boolean
  /** Records that are worked on and billed, whose lines are damaged. */
  damaged?: string[]
}

interface Billed {
  inputTokens: number
  outputTokens: number
}

const NOTHING: Billed = { inputTokens: 0, outputTokens: 0 }

/** Reads the input of a job, writes its output as AWS lays it out, and says what is billed. */
export async function workOn(job: FakeBatchJob, work: FakeBatchWork, options: FakeBatchOptions): Promise<Billed> {
  if (work.expires) return end(job, 'Expired', 'The job did not begin in time.')
  const { s3Uri: inputUri } = job.body.inputDataConfig.s3InputDataConfig
  const { s3Uri: outputUri } = job.body.outputDataConfig.s3OutputDataConfig
  const inputKey = keyOf(inputUri, options.bucket)
  const prefix = `${keyOf(outputUri, options.bucket)}${outputUri.endsWith('/') ? '' : '/'}${job.arn.split('/').at(-1)}/`
  let records: InputLine[]
  try {
    if (work.failsWith !== undefined) throw new Error(work.failsWith)
    if (!inputKey.endsWith('.jsonl')) throw new Error('The input must be a .jsonl file.')
    records = parseInput(Buffer.concat(await Array.fromAsync(options.objects.read(inputKey))).toString())
    const { minRecords = 100 } = options
    if (records.length < minRecords) throw new Error(`The job has less than ${minRecords} records.`)
  } catch (error) {
    return end(job, 'Failed', (error as Error).message)
  }
  // The order of the answers is not that of the requests.
  const done = records.slice(0, work.only ?? records.length).toReversed()
  const lines = done.map((record) => answerOf(job, record, work, options))
  const sum = (pick: (line: (typeof lines)[number]) => number) => lines.reduce((total, line) => total + pick(line), 0)
  const billed = { inputTokens: sum((line) => line.inputTokens), outputTokens: sum((line) => line.outputTokens) }
  const failed = lines.filter(({ json }) => 'error' in json).length
  const counts = {
    totalRecordCount: records.length,
    processedRecordCount: done.length,
    successRecordCount: done.length - failed,
    errorRecordCount: failed,
  }
  const manifest = { ...counts, inputTokenCount: billed.inputTokens, outputTokenCount: billed.outputTokens }
  const text = lines.map(({ json, damaged }) => (damaged ? '{"recordId": "ha' : JSON.stringify(json))).join('\n')
  await options.objects.put(`${prefix}${inputKey.split('/').at(-1)}.out`, inPieces(`${text}\n`))
  await options.objects.put(`${prefix}manifest.json.out`, inPieces(JSON.stringify(manifest)))
  job.counts = counts
  if (job.status === 'Stopping') return end(job, 'Stopped', undefined, billed)
  return end(job, done.length < records.length ? 'PartiallyCompleted' : 'Completed', undefined, billed)
}

function answerOf(
  job: FakeBatchJob,
  { recordId, modelInput }: InputLine,
  work: FakeBatchWork,
  options: FakeBatchOptions,
) {
  const fail = (error: { errorCode: number; errorMessage: string }) => ({
    json: { recordId, modelInput, error },
    damaged: false,
    ...NOTHING,
  })
  const error = work.errors?.[recordId]
  if (error) return fail(error)
  try {
    if ('toolConfig' in modelInput) throw new Refusal(400, '', 'toolConfig is not supported for batch inference.')
    parseConverse(job.body.modelId, modelInput)
  } catch (refusal) {
    return fail({ errorCode: 400, errorMessage: (refusal as Error).message })
  }
  const given = options.answer?.(recordId, modelInput) ?? {
    text: `Answer ${recordId}.`,
    inputTokens: 1_000,
    outputTokens: 200,
  }
  const { text, reasoning, inputTokens, outputTokens } = given
  const content = [
    ...(reasoning === undefined ? [] : [{ reasoningContent: { reasoningText: { text: reasoning, signature: 's' } } }]),
    { text },
  ]
  const modelOutput = {
    output: { message: { role: 'assistant', content } },
    stopReason: 'end_turn',
    usage: { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens },
    metrics: { latencyMs: 12 },
  }
  const damaged = work.damaged?.includes(recordId) ?? false
  return { json: { recordId, modelInput, modelOutput }, damaged, inputTokens, outputTokens }
}

function end(job: FakeBatchJob, status: string, message?: string, billed: Billed = NOTHING): Billed {
  job.status = status
  if (message !== undefined) job.message = message
  return billed
}

function keyOf(uri: string, bucket: string): string {
  const start = `s3://${bucket}/`
  if (!uri.startsWith(start)) throw new Error(`Expected a place in the bucket ${bucket}, got ${uri}.`)
  return uri.slice(start.length)
}

async function* inPieces(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}
