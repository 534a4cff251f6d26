import { z } from 'zod'
import { defaultCatalogue, findModel } from '../catalogue.ts'
import { Refusal } from './request-bodies.ts'

// Patterns and bounds: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_CreateModelInvocationJob.html
const S3Uri = z
  .string()
  .max(1_024)
  .regex(/^s3:\/\/[a-z0-9][-.a-z0-9]{1,61}[a-z0-9](\/.*)?$/)
const CreateBody = z.strictObject({
  jobName: z
    .string()
    .max(63)
    .regex(/^[a-zA-Z0-9]{1,63}(-*[a-zA-Z0-9+\-.]){0,63}$/),
  roleArn: z.string().regex(/^arn:aws(-[^:]+)?:iam::([0-9]{12})?:role\/.+$/),
  clientRequestToken: z
    .string()
    .regex(/^[a-zA-Z0-9]{1,256}(-*[a-zA-Z0-9]){0,256}$/)
    .optional(),
  modelId: z.string().min(1).max(2_048),
  modelInvocationType: z.enum(['InvokeModel', 'Converse']).default('InvokeModel'),
  inputDataConfig: z.strictObject({
    s3InputDataConfig: z.strictObject({ s3InputFormat: z.literal('JSONL').default('JSONL'), s3Uri: S3Uri }),
  }),
  outputDataConfig: z.strictObject({ s3OutputDataConfig: z.strictObject({ s3Uri: S3Uri }) }),
  timeoutDurationInHours: z.int().min(24).max(168).default(24),
})
export type CreateBody = z.output<typeof CreateBody>

/** @throws Refusal as AWS would, for a body of CreateModelInvocationJob. */
export function parseCreateJob(json: unknown): CreateBody {
  const body = parse(CreateBody, json)
  const id = body.modelId.replace(/^(us|eu|apac|jp|au|ca|global)\./, '')
  if (!findModel(defaultCatalogue, id)) refuse('The provided model identifier is invalid.')
  // Converse is the only form that the fake works on.
  if (body.modelInvocationType !== 'Converse') refuse('The fake server works on jobs in the form of Converse only.')
  return body
}

const InputLine = z.strictObject({ recordId: z.string().min(1), modelInput: z.record(z.string(), z.unknown()) })
export type InputLine = z.output<typeof InputLine>

/** The records of an input file. @throws Error with what AWS's validation of a job would say. */
export function parseInput(text: string): InputLine[] {
  const lines = text.split('\n').filter((line) => line !== '')
  const records = lines.map((line) => InputLine.parse(JSON.parse(line)))
  if (new Set(records.map(({ recordId }) => recordId)).size < records.length)
    throw new Error('A recordId stands twice.')
  return records
}

function parse<T>(schema: z.ZodType<T>, json: unknown): T {
  const parsed = schema.safeParse(json)
  return parsed.success ? parsed.data : refuse(`Malformed input request: ${z.prettifyError(parsed.error)}`)
}

function refuse(message: string): never {
  throw new Refusal(400, 'ValidationException', message)
}
