import { readConfig } from '@dayshift/domain/config'
import { openCatalogue, runMain, StartError } from '@dayshift/runtime'
import { articlesCosts, workload } from './articles-cost.ts'
import { costMarkdown, costText, listText, warningsOf } from './models-text.ts'
import { readArguments } from './arguments.ts'

const USAGE = 'npm run models -- [list | cost [--articles 1000] [--markdown] | catalogue] [--json]'

// The catalogue that comes along, or that of LLM_CATALOGUE.
await runMain(async () => {
  const { command, articles, markdown, json } = readOptions(process.argv.slice(2))
  const catalogue = await openCatalogue(readConfig(process.env).config)
  const now = new Date()
  if (command === 'catalogue') return console.log(JSON.stringify(catalogue, undefined, 2))
  if (command === 'list') {
    const { models, aliases } = catalogue
    const found = json
      ? JSON.stringify({ models, aliases, warnings: warningsOf(catalogue, now) })
      : listText(catalogue, now)
    return console.log(found)
  }
  const costs = articlesCosts(catalogue, articles, now)
  if (json) {
    const rows = costs.map(({ model: { id, kind }, ...cost }) => ({ id, kind, ...cost }))
    return console.log(JSON.stringify({ articles, workload, models: rows }))
  }
  console.log(markdown ? costMarkdown(costs, articles) : costText(costs, articles))
})

function readOptions(args: string[]) {
  const { values, positionals } = readArguments(
    {
      args,
      allowPositionals: true,
      options: {
        articles: { type: 'string', default: '1000' },
        markdown: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    },
    USAGE,
  )
  const [command = 'list', ...more] = positionals
  if (more.length > 0 || (command !== 'list' && command !== 'cost' && command !== 'catalogue')) {
    throw new StartError(`Expected list, cost or catalogue. Usage: ${USAGE}`)
  }
  if (!/^[1-9]\d{0,8}$/.test(values.articles)) {
    throw new StartError(`--articles ${values.articles}: expected a whole number from 1 to 999999999.`)
  }
  return { command, articles: Number(values.articles), markdown: values.markdown, json: values.json } as const
}
