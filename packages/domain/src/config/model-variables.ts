import { address, choice, flag, matching, moreThanZero, names, numberUpTo, text, wholeNumber } from './forms.ts'
import { cli, noVariables, type Reader, variable, web, worker } from './variable.ts'

// All processes that call models read all of these.
const readBy: Reader[] = [web, worker, cli]
const model = 'the name of a model'

export const models = {
  subject: 'Models',
  secrets: noVariables,
  settings: {
    LLM_PROVIDER: variable(choice(['local', 'bedrock', 'ollama']).optional(), {
      readBy,
      meaning: 'which provider answers: `local`, or `bedrock` with a model id; docs/models.md',
    }),
    LLM_FALLBACKS: variable(names.default([]), {
      readBy,
      meaning: 'asked in this order when the model fails: `bedrock/amazon.nova-lite-v1:0,local`',
    }),
    LLM_OVER_BUDGET: variable(names.default([]), {
      readBy,
      meaning: 'asked in this order when a budget is used up; empty: the call is refused',
    }),
    LLM_DAILY_BUDGET_USD: variable(moreThanZero('dollars').optional(), {
      readBy,
      meaning: 'for all calls together, in UTC days; others by the API',
    }),
    LLM_MONTHLY_BUDGET_USD: variable(moreThanZero('dollars').optional(), {
      readBy,
      meaning: 'for all calls together, in UTC months; others by the API',
    }),
    LLM_STRICT_PRICES: variable(flag.default(false), { readBy, meaning: 'refuse calls whose price is not known' }),
    LLM_CATALOGUE: variable(text('the path of a JSON file').optional(), {
      readBy,
      meaning: 'an own model catalogue in place of the one that comes along',
    }),
    LLM_CACHE_HOURS: variable(numberUpTo(8760).default(24), {
      readBy,
      meaning: 'how long an answer of a model is given again; `0`: never',
    }),
    LLM_CONCURRENCY: variable(wholeNumber(1, 10_000).default(32), {
      readBy,
      meaning: 'calls to one model at once, all processes together',
    }),
    LLM_REQUESTS_PER_MINUTE: variable(wholeNumber(1).optional(), {
      readBy,
      meaning: 'limit of one model, all processes together, for models whose catalogue entry has none',
    }),
    LLM_TOKENS_PER_MINUTE: variable(wholeNumber(1).optional(), {
      readBy,
      meaning: 'limit of one model, all processes together, for models whose catalogue entry has none',
    }),
    LLM_SERVICE_TIER: variable(choice(['standard', 'flex', 'priority']).default('standard'), {
      readBy,
      meaning: '`flex` is cheaper and slower, `priority` dearer, where the model has it',
    }),
    LLM_IDLE_TIMEOUT_S: variable(moreThanZero('seconds').default(120), {
      readBy,
      meaning: 'the longest silence before and within an answer',
    }),
    LLM_SHADOW: variable(text(model).optional(), {
      readBy,
      meaning: 'a second model that answers a share of the requests for comparison only',
    }),
    LLM_SHADOW_SHARE: variable(numberUpTo(1).default(1), { readBy, meaning: 'that share' }),
    AWS_BEDROCK_REGION: variable(text('the name of an AWS region').optional(), {
      readBy,
      meaning: 'region of Bedrock; `AWS_REGION` without it',
    }),
    AWS_BEDROCK_MODEL_ID: variable(text(model).optional(), {
      readBy,
      meaning: 'the model; set, it turns the provider to `bedrock`',
    }),
    AWS_BEDROCK_EMBEDDING_MODEL_ID: variable(text(model).default('amazon.titan-embed-text-v2:0'), {
      readBy,
      meaning: 'embeddings of Bedrock',
    }),
    BEDROCK_ENDPOINT: variable(address('http', 'https').optional(), {
      readBy,
      meaning: 'address of Bedrock’s runtime in place of AWS’s own, for a private endpoint',
    }),
    BEDROCK_GUARDRAIL: variable(matching(/^[^:\s]+:(DRAFT|\d+)$/, '`id:version`, such as gr1234567890:1').optional(), {
      readBy,
      meaning: 'a guardrail that every conversation passes',
    }),
    BEDROCK_LOGS_BUCKET: variable(text('the name of a bucket', 3).optional(), {
      readBy,
      meaning: 'bucket with Bedrock’s model invocation logs: settles calls whose bill is not known',
    }),
    BEDROCK_BATCH_ROLE_ARN: variable(matching(/^arn:/, 'the ARN of a role').optional(), {
      readBy,
      meaning: 'role that batch inference uses to read and write `S3_BUCKET`; without it there are no batches',
    }),
    OLLAMA_URL: variable(address('http', 'https').default('http://127.0.0.1:11434'), {
      readBy,
      meaning: 'an Ollama server',
    }),
    OLLAMA_MODEL: variable(text(model).default('llama3.2'), { readBy, meaning: 'its model' }),
    OLLAMA_EMBEDDING_MODEL: variable(text(model).default('nomic-embed-text'), {
      readBy,
      meaning: 'its model for embeddings',
    }),
  },
}
