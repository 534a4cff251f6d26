import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { measureLlm } from './llm/suite.ts'
import { isMet, toTable } from './result.ts'

const suites = { llm: measureLlm }

const usage = `Usage: npm run bench -- llm [options]

  --quick            few rounds, without the limits that need many: for a check that everything works
  --only <measure>   firstText, throughput, processor, manyStreams, memory or unitCosts; may be repeated
  --json             the result as JSON on standard output
  --profile <folder> writes a CPU profile of each measuring process there

TEST_DATABASE_URL and TEST_REDIS_URL: servers for the measures with ledger, budgets and shared limits.
A whole run writes bench/results/llm.json. Ends with 1 when a limit is missed.`

const { values, positionals } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    json: { type: 'boolean', default: false },
    profile: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
  allowPositionals: true,
})
const [name] = positionals
if (values.help || (name !== 'llm' && name !== undefined) || positionals.length > 1) {
  console.log(usage)
  process.exit(values.help ? 0 : 1)
}

const { TEST_DATABASE_URL: databaseUrl, TEST_REDIS_URL: redisUrl } = process.env
const services = databaseUrl && redisUrl ? { databaseUrl, redisUrl } : undefined
const started = new Date()
const figures = await suites.llm({
  quick: values.quick,
  only: values.only,
  services,
  nodeOptions: values.profile ? ['--cpu-prof', `--cpu-prof-dir=${values.profile}`] : [],
  onMeasure: (measure) => console.error(`measuring ${measure} …`),
})
const result = {
  date: started.toISOString(),
  tookS: Math.round((Date.now() - started.getTime()) / 1_000),
  machine: { cpu: cpus()[0]?.model ?? 'unknown', cpus: cpus().length, memoryGb: Math.round(totalmem() / 2 ** 30) },
  node: process.version,
  quick: values.quick,
  services: services !== undefined,
  figures: figures.map((figure) => ({ ...figure, met: isMet(figure) })),
}
if (values.json) console.log(JSON.stringify(result, undefined, 2))
else {
  console.log(toTable(figures))
  if (!services)
    console.log('\nNot measured: ledger, budgets and shared limits. Set TEST_DATABASE_URL and TEST_REDIS_URL.')
}
if (!values.quick && !values.only) {
  const folder = new URL('results/', import.meta.url)
  mkdirSync(folder, { recursive: true })
  writeFileSync(new URL('llm.json', folder), `${JSON.stringify(result, undefined, 2)}\n`)
}
if (!figures.every(isMet)) process.exitCode = 1
