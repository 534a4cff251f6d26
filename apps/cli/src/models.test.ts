import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { summarize } from '@dayshift/domain/summaries'
import { saveTestArticle, useTestContext } from '@dayshift/domain/testing'
import {
  type Catalogue,
  createScriptedLlm,
  defaultCatalogue,
  type Llm,
  type Model,
  type TextRequest,
} from '@dayshift/llm'
import { describe, expect, test } from 'vitest'
import { articlesCosts, workload } from './articles-cost.ts'
import { costMarkdown, costText, listText, warningsOf } from './models-text.ts'
import { temporaryFolder } from './testing/start.ts'

const open = useTestContext()

/** The day of the catalogue, so that the passing of time changes nothing here. */
const now = new Date(defaultCatalogue.version)
const model = (id: string): Model => defaultCatalogue.models.find((model) => model.id === id)!
const catalogueOf = (...models: Model[]): Catalogue => ({ version: '2026-11-21', models, aliases: {} })
const costOf = (id: string, articles = 1_000) => articlesCosts(catalogueOf(model(id)), articles, now)[0]

describe('what articles cost', () => {
  // A summary: (10,617 + 331) / 4 = 2,737 tokens in and 200 out, at most 400. Vectors: 11,641 / 4 = 2,910 tokens.
  test('is tokens in and out at the price of the scope, times the articles', () => {
    // Nova Micro by AWS's price list: $0.035 in and $0.14 out for a million, half of it in batches; no global profile.
    expect(costOf('amazon.nova-micro-v1:0')).toMatchObject({
      nearUsd: expect.closeTo(0.095795 + 0.028, 10),
      globalUsd: null,
      laterUsd: expect.closeTo((0.095795 + 0.028) / 2, 10),
      mostUsd: expect.closeTo(0.095795 + 0.056, 10),
    })
  })

  test('is more in the geography than anywhere, and the lower of batch and flex later', () => {
    // Nova 2 Lite: geo 0.33 and 2.75, global 0.30 and 2.50; the cheapest later price is the global 0.15 and 1.25.
    expect(costOf('amazon.nova-2-lite-v1:0')).toMatchObject({
      nearUsd: expect.closeTo(0.90321 + 0.55, 10),
      globalUsd: expect.closeTo(0.8211 + 0.5, 10),
      laterUsd: expect.closeTo(0.41055 + 0.25, 10),
      mostUsd: expect.closeTo(0.90321 + 1.1, 10),
    })
  })

  test('counts the tokens that Claude Haiku 5.5 makes more of the same text', () => {
    // 2,737 × 1.3 = 3,558.1 and 200 × 1.3 = 260 at 0.10 and 0.50 anywhere
    expect(costOf('anthropic.claude-haiku-5-5')?.globalUsd).toBeCloseTo(0.3558 + 0.13, 10)
  })

  test('is for vectors the input alone', () => {
    expect(costOf('amazon.titan-embed-text-v2:0')?.nearUsd).toBeCloseTo(0.0582, 10)
    expect(costOf('amazon.titan-embed-text-v2:0', 2_000)?.nearUsd).toBeCloseTo(0.1164, 10)
  })

  test('is not known, rather than nothing, without a price', () => {
    const [cost] = articlesCosts(catalogueOf({ ...model('amazon.nova-micro-v1:0'), prices: [] }), 1_000, now)
    expect(cost).toMatchObject({ nearUsd: null, globalUsd: null, laterUsd: null, mostUsd: null })
  })

  test('is not asked for models that are over', () => {
    const ids = articlesCosts(defaultCatalogue, 1, now).map(({ model }) => model.id)
    expect(ids).toContain('amazon.nova-micro-v1:0')
    expect(ids).not.toContain('anthropic.claude-3-haiku-20240307-v1:0')
    const ending = { ...model('amazon.nova-micro-v1:0'), endOfLife: '2026-11-21' }
    expect(articlesCosts(catalogueOf(ending), 1, new Date('2026-11-20T23:59:59Z'))).toHaveLength(1)
    expect(articlesCosts(catalogueOf(ending), 1, new Date('2026-11-21T00:00:00Z'))).toHaveLength(0)
  })

  test('rests on the prompt as it is sent', async () => {
    const title = 'T'.repeat(55)
    const { id } = await saveTestArticle(open(), { title, text: 'a'.repeat(workload.summarizedCharacters) })
    let sent: TextRequest<unknown> | undefined
    const scripted = createScriptedLlm([{ text: 'A summary.' }])
    const llm: Llm = {
      ...scripted,
      complete: (request, options) => {
        sent = request
        return scripted.complete(request, options)
      },
    }
    await summarize({ ...open(), llm }, id)
    const [part] = sent?.messages[0]?.content ?? []
    const characters = (sent?.system ?? '').length + (part?.type === 'text' ? part.text.length : 0)
    expect(characters).toBe(workload.summarizedCharacters + workload.promptCharacters)
    expect(sent?.maxTokens).toBe(workload.mostSummaryTokens)
  })
})

describe('the list', () => {
  const lineOf = (id: string, at = now): string[] =>
    listText(defaultCatalogue, at)
      .split('\n')
      .find((line) => line.startsWith(id))!
      .split(/ {2,}/)

  test('says of a model when it ends, what it costs and what it does not take', () => {
    expect(lineOf('anthropic.claude-3-haiku-20240307-v1:0').slice(1, 6)).toEqual([
      'text',
      'end of life',
      '2026-09-10',
      '0.25 1.25',
      '-',
    ])
    const haiku = lineOf('anthropic.claude-haiku-5-5')
    expect(haiku.slice(2, 7)).toEqual([
      'active',
      'not before 2027-10-07',
      '0.11 0.55 to 100K, 0.55 2.75',
      '0.1 0.5 to 100K, 0.5 2.5',
      '1M',
    ])
    expect(haiku[7]).toMatch(/^temperature, top_k, begun answers/)
  })

  test('counts the days that are left', () => {
    const ending = { ...model('amazon.nova-micro-v1:0'), endOfLife: '2027-02-01' }
    expect(listText(catalogueOf(ending), new Date('2027-01-30T22:00:00Z'))).toContain('2027-02-01 (2 days left)')
  })

  test('gives the names of other products and what answers to them', () => {
    expect(lineOf('mistral ')[1]).toBe('amazon.nova-lite-v1:0')
  })

  const ending = { ...model('amazon.nova-micro-v1:0'), endOfLife: '2027-03-01', replacement: 'amazon.nova-lite-v1:0' }
  const promised = { ...ending, endOfLife: null, endOfLifeNotBefore: '2027-03-01' }
  test.each([
    ['2026-11-30', ending, []],
    ['2026-12-01', ending, ['Warning: Nova Micro ends on 2027-03-01, in 90 days; amazon.nova-lite-v1:0 replaces it.']],
    ['2027-03-01', ending, []],
    ['2026-11-30', promised, []],
    [
      '2027-04-01',
      promised,
      ['Warning: Nova Micro is promised until 2027-03-01 only; amazon.nova-lite-v1:0 replaces it.'],
    ],
  ] as const)('on %s warns of what ends within 90 days', (day, model, warnings) => {
    expect(warningsOf(catalogueOf(model), new Date(day))).toEqual(warnings)
  })
})

test('the costs in docs/models.md are those that the command prints', () => {
  const text = readFileSync(new URL('../../../docs/models.md', import.meta.url), 'utf8')
  const [, found] = /<!-- costs -->\n\n([\s\S]*?)\n\n<!-- \/costs -->/.exec(text) ?? []
  expect(found).toBe(costMarkdown(articlesCosts(defaultCatalogue, 1_000, now), 1_000))
})

test('an unknown price is a dash in both tables', () => {
  const costs = articlesCosts(catalogueOf({ ...model('amazon.titan-embed-text-v2:0'), prices: [] }), 1, now)
  expect(costText(costs, 1)).toMatch(/^Titan Text Embeddings V2 +- +- +published$/m)
  expect(costMarkdown(costs, 1)).toMatch(/^\| Titan Text Embeddings V2 \| +- \| +- \| published \|$/m)
})

describe('npm run models', () => {
  const file = fileURLToPath(new URL('models.ts', import.meta.url))
  const run = async (args: string[], env: Record<string, string> = {}) => {
    const ran = promisify(execFile)(process.execPath, [file, ...args], {
      env: { PATH: process.env['PATH'] ?? '', ...env },
    })
    return ran.then(
      ({ stdout }) => ({ stdout, stderr: '', status: 0 }),
      ({ stderr, code }: { stderr: string; code: number }) => ({ stdout: '', stderr, status: code }),
    )
  }

  test('lists, and prints a catalogue to begin an own one with, which it then reads', async () => {
    expect((await run([])).stdout).toMatch(/^amazon\.nova-micro-v1:0 +text +active/m)
    const printed = JSON.parse((await run(['catalogue'])).stdout) as Catalogue
    expect(printed).toEqual(defaultCatalogue)
    const path = join(temporaryFolder(), 'catalogue.json')
    writeFileSync(path, JSON.stringify({ ...printed, models: [model('amazon.nova-micro-v1:0')], aliases: {} }))
    const { stdout } = await run(['cost', '--json', '--articles', '10'], { LLM_CATALOGUE: path })
    expect(JSON.parse(stdout)).toMatchObject({ articles: 10, models: [{ id: 'amazon.nova-micro-v1:0', kind: 'text' }] })
  })

  test.each([
    [['costs'], {}, /Expected list, cost or catalogue/],
    [['cost', '--articles', '0'], {}, /--articles 0: expected/],
    [['--jsn'], {}, /Unknown option '--jsn'/],
    [['list'], { LLM_CATALOGUE: '/nowhere.json' }, /LLM_CATALOGUE=\/nowhere.json: ENOENT/],
  ])('with %j and %j says what is wrong', async (args, env, message) => {
    const { stderr, status } = await run(args, env)
    expect(status).toBe(1)
    expect(stderr).toMatch(message)
  })
})
