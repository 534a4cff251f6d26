import type { Catalogue, Model } from '@dayshift/llm'
import { type ArticlesCost, isOver } from './articles-cost.ts'
import { asUsd, textTable } from './text-table.ts'

const DAY_MS = 86_400_000
/** Enough to try another model and to compare the two. */
const WARN_DAYS = 90

/** Every model of the catalogue with its end, its prices and what it does not take; then what is to be done about them. */
export function listText(catalogue: Catalogue, now: Date): string {
  const rows = catalogue.models.map((model) => [
    model.id,
    model.kind,
    isOver(model, now) ? 'end of life' : model.status,
    endOf(model, now),
    pricesOf(model, ['region', 'geo']),
    pricesOf(model, ['global']),
    sizeOf(model),
    model.kind === 'text' ? refusedBy(model).join(', ') : `vectors of ${model.dimensions.join(', ')}`,
  ])
  const heads = ['model', 'kind', 'status', 'ends', '$/M in, out', 'global', 'context', 'does not take']
  const aliases = Object.entries(catalogue.aliases).map(([name, { model, reason }]) => [name, model, reason])
  const warnings = warningsOf(catalogue, now)
  return [
    leftTable(heads, rows),
    `Other names:\n${leftTable(['name', 'answered by', 'because'], aliases)}`,
    ...(warnings.length > 0 ? [warnings.join('\n')] : []),
  ].join('\n\n')
}

/** A sentence for each model that lives and may not much longer. */
export function warningsOf({ models }: Catalogue, now: Date): string[] {
  return models
    .filter((model) => !isOver(model, now))
    .flatMap(({ name, endOfLife, endOfLifeNotBefore, replacement }) => {
      const instead = replacement === null ? 'the catalogue names no replacement' : `${replacement} replaces it`
      if (endOfLife !== null && daysTo(endOfLife, now) <= WARN_DAYS) {
        return [`Warning: ${name} ends on ${endOfLife}, in ${daysTo(endOfLife, now)} days; ${instead}.`]
      }
      if (endOfLife === null && endOfLifeNotBefore !== null && daysTo(endOfLifeNotBefore, now) <= WARN_DAYS) {
        return [`Warning: ${name} is promised until ${endOfLifeNotBefore} only; ${instead}.`]
      }
      return []
    })
}

interface Table {
  heads: string[]
  rows: string[][]
}

/** The cheapest first. Vectors are made at once and have no output, so that the two last prices are the summaries' alone. */
function costTables(costs: ArticlesCost[], articles: number): Table[] {
  const cheapest = ({ nearUsd, globalUsd }: ArticlesCost): number =>
    Math.min(nearUsd ?? Infinity, globalUsd ?? Infinity)
  const count = articles.toLocaleString('en')
  const heads = {
    text: [`summaries of ${count} articles`, 'near', 'global', 'batch or flex', 'at most', 'price'],
    embedding: [`vectors of ${count} articles`, 'near', 'global', 'price'],
  }
  return (['text', 'embedding'] as const).map((kind) => ({
    heads: heads[kind],
    rows: costs
      .filter(({ model }) => model.kind === kind)
      .toSorted((a, b) => cheapest(a) - cheapest(b))
      .map(({ model, nearUsd, globalUsd, laterUsd, mostUsd, certain }) => [
        model.name,
        ...[nearUsd, globalUsd, ...(kind === 'text' ? [laterUsd, mostUsd] : [])].map(asUsd),
        certain ? 'published' : 'uncertain',
      ]),
  }))
}

export const costText = (costs: ArticlesCost[], articles: number): string =>
  costTables(costs, articles)
    .map(({ heads, rows }) => textTable(heads, rows))
    .join('\n\n')

/** The same as Markdown, laid out as the project's formatter does. */
export const costMarkdown = (costs: ArticlesCost[], articles: number): string =>
  costTables(costs, articles).map(markdownTable).join('\n\n')

function markdownTable({ heads, rows }: Table): string {
  const widths = heads.map((head, column) =>
    Math.max(...[heads, ...rows].map((row) => row[column]!.length), head.length),
  )
  const line = (cells: string[]): string =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join(' | ')} |`
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  return [line(heads), line(rule), ...rows.map(line)].join('\n')
}

function endOf({ endOfLife, endOfLifeNotBefore }: Model, now: Date): string {
  if (endOfLife !== null) {
    const days = daysTo(endOfLife, now)
    return days > 0 ? `${endOfLife} (${days} days left)` : endOfLife
  }
  return endOfLifeNotBefore === null ? '-' : `not before ${endOfLifeNotBefore}`
}

/** Whole days of UTC. */
const daysTo = (day: string, now: Date): number =>
  Math.round((Date.parse(day) - Date.parse(now.toISOString().slice(0, 10))) / DAY_MS)

/** Of the standard tier; longer prompts may have a price of their own. */
function pricesOf({ prices }: Model, scopes: Model['prices'][number]['scopes']): string {
  const rows = prices.filter(
    (price) => price.tier === 'standard' && price.scopes.some((scope) => scopes.includes(scope)),
  )
  const shown = rows.map(({ usdPerMillion: { input, output }, upToInputTokens }) => {
    const limit = upToInputTokens === null ? '' : ` to ${thousands(upToInputTokens)}`
    return `${input} ${output}${limit}`
  })
  return shown.length > 0 ? shown.join(', ') : '-'
}

function sizeOf(model: Model): string {
  const tokens = model.kind === 'text' ? model.contextTokens : model.maxTokens
  return tokens === null ? '-' : thousands(tokens)
}

const thousands = (tokens: number): string =>
  tokens >= 1_000_000 ? `${tokens / 1_000_000}M` : tokens % 1_000 === 0 ? `${tokens / 1_000}K` : String(tokens)

/** What is left out of a request, or refused, for this model. */
function refusedBy({ capabilities }: Extract<Model, { kind: 'text' }>): string[] {
  const { temperature, temperatureWithTopP, topK, stopSequences, prefill, forcedToolChoice } = capabilities
  const { images, documents, tools, toolsInStreams, thinking, promptCache } = capabilities
  const takes: [what: string, taken: boolean][] = [
    ['temperature', temperature],
    ['temperature with top_p', temperatureWithTopP || !temperature],
    ['top_k', topK !== null],
    ['stop sequences', stopSequences > 0],
    ['begun answers', prefill],
    ['images', images],
    ['documents', documents],
    ['tools', tools],
    ['forced tools', forcedToolChoice || !tools],
    ['tools in streams', toolsInStreams || !tools],
    ['thinking', thinking !== 'none'],
    ['prompt cache', promptCache !== null],
  ]
  return takes.flatMap(([what, taken]) => (taken ? [] : [what]))
}

/** All columns to the left. */
function leftTable(heads: string[], rows: string[][]): string {
  const widths = heads.map((_, column) => Math.max(...[heads, ...rows].map((row) => row[column]!.length)))
  const line = (cells: string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd()
  return [heads, widths.map((width) => '-'.repeat(width)), ...rows].map(line).join('\n')
}
