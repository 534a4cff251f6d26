import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { createShadowStore } from '@dayshift/domain/shadow'
import { createLedger, ensureBudgets } from '@dayshift/domain/spending'
import type { ShadowSide } from '@dayshift/llm'
import { openEmbeddedDatabase } from '@dayshift/storage/embedded'
import { useTestDatabase } from '@dayshift/storage/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import { readSince } from './reading.ts'
import { temporaryFolder } from './testing/start.ts'
import { printable, textTable } from './text-table.ts'

const database = useTestDatabase()

/** Runs a command of its own file with this environment only. */
async function run(command: 'spending' | 'shadow', args: string[], env?: Record<string, string>) {
  const child = spawn(process.execPath, [fileURLToPath(new URL(`${command}.ts`, import.meta.url)), ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...(env ?? { DATABASE_URL: database().url }) },
  })
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { stdout, stderr, status: child.exitCode }
}

beforeAll(async () => {
  const { db } = database()
  const now = new Date()
  await ensureBudgets({ db, clock: () => now }, { dailyUsd: 1.5 })
  const ledger = createLedger(db)
  for (const [attempt, worstCaseUsd] of [0.5, 0.25].entries()) {
    const call = { requestId: 'r', attempt, operation: 'complete', accountId: null, tier: 'standard' } as const
    const model = { provider: 'bedrock', model: 'm', scope: 'geo', promptVersion: null } as const
    const id = `call-${attempt}`
    await ledger.reserve({
      id,
      ...call,
      ...model,
      feature: 'article.summary',
      startedAt: now,
      dueAt: now,
      worstCaseUsd,
    })
  }
  const usage = { inputTokens: 40, outputTokens: 2, cacheReadTokens: 1, cacheWriteTokens: 1 }
  await ledger.settle('call-0', { result: 'ok', usage, costUsd: 0.002, tookMs: 1, firstPieceMs: 1 })
  const side: ShadowSide = {
    provider: 'ollama',
    model: 'llama3.2',
    text: 'Kestrel\u001b[31m came.',
    error: null,
    validJson: null,
    tookMs: 1500,
    firstPieceMs: null,
    usage,
    costUsd: 0,
  }
  const second = { ...side, provider: 'bedrock', model: 'nova', text: null, error: 'LlmTimeout: late' }
  const pair = { id: 'p', feature: 'article.summary', promptVersion: null, requestHash: 'f', askedAt: now }
  await createShadowStore(db).keep({ ...pair, first: side, second })
})

describe('npm run spending', () => {
  test('prints what was spent and how the budgets stand', async () => {
    const { stdout, status } = await run('spending', ['--by', 'model'])
    expect(status).toBe(0)
    const [heads, , row, total] = stdout.split('\n').map((line) => line.trim().split(/ {2,}/))
    expect(heads).toEqual([
      'model',
      'calls',
      'failed',
      'tokens in',
      'out',
      'cost',
      'no price',
      'not settled',
      'at most',
    ])
    expect(row).toEqual(['bedrock/m', '2', '0', '42', '2', '$0.002000', '0', '1', '$0.25'])
    expect(total).toEqual(['all', ...row!.slice(1)])
    expect(stdout).toMatch(/^all, per day +\$1\.50 +\$0\.002000 +\$0\.25 +\$1\.25 +\d{4}-\d\d-\d\d$/m)
  })

  test('as JSON has the same', async () => {
    const { stdout } = await run('spending', ['--json', '--since', '2020-01-01'])
    expect(JSON.parse(stdout)).toMatchObject({
      total: { calls: 2, costUsd: 0.002 },
      budgets: [{ spentUsd: 0.002, leftUsd: 1.248 }],
    })
  })
})

describe('npm run shadow', () => {
  test('prints the comparison and examples, and no orders to the terminal', async () => {
    const { stdout, status } = await run('shadow', ['--examples', '1'])
    expect(status).toBe(0)
    expect(stdout).toContain('article.summary: 1 requests')
    expect(stdout).toMatch(/^ +ollama\/llama3\.2 +bedrock\/nova$/m)
    expect(stdout).toMatch(/^failed +0 +1$/m)
    expect(stdout).toMatch(/^whole answer, half are faster +1500 ms +-$/m)
    expect(stdout).toContain('--- ollama/llama3.2\nKestrel\ufffd[31m came.\n--- bedrock/nova failed: LlmTimeout: late')
  })

  test('says that there is nothing, and is JSON when asked for', async () => {
    expect((await run('shadow', ['--feature', 'other'])).stdout).toBe(
      'No request was answered by two models in this time.\n',
    )
    expect(JSON.parse((await run('shadow', ['--json'])).stdout).rows).toMatchObject([{ pairs: 1 }])
  })
})

test.each([
  ['spending', ['--by', 'hour'], /--by hour: expected day, feature, model, account/],
  ['shadow', ['--since', 'yesterday'], /--since yesterday: expected/],
  ['shadow', ['--examples', 'all'], /--examples all/],
  ['shadow', ['--example'], /Unknown option '--example'/],
] as const)('npm run %s with %j says what is wrong in one line', async (command, args, message) => {
  const { stderr, status } = await run(command, [...args])
  expect(status).toBe(1)
  expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  expect(stderr).toMatch(message)
})

test('without a database the commands make none', async () => {
  const { stderr, status } = await run('spending', [], { DAYSHIFT_DATA: temporaryFolder() })
  expect([status, stderr]).toEqual([1, expect.stringContaining('There is no database at')])
})

test('the database of the data folder is read, brought up to date first', async () => {
  const folder = temporaryFolder()
  const { close } = await openEmbeddedDatabase({ folder: join(folder, 'postgres') })
  await close()
  const { stdout } = await run('spending', [], { DAYSHIFT_DATA: folder })
  expect(stdout).toContain('There are no budgets.')
}, 60_000)

test.each([
  ['7d', '2026-11-13T12:00:00Z'],
  ['12h', '2026-11-20T00:00:00Z'],
  ['2026-11-01', '2026-11-01T00:00:00Z'],
])('since %s is %s', (text, since) => {
  expect(readSince(text, new Date('2026-11-20T12:00:00Z'))).toEqual(new Date(since))
})

test('a table is as wide as its widest cells', () => {
  expect(textTable(['a', 'bcd'], [['long', '1']])).toBe('a     bcd\n----  ---\nlong    1')
})

test('control characters are not printed, letters and line ends are', () => {
  expect(printable('é 報\n\u001b]0;x\u0007\u202e')).toBe('é 報\n\ufffd]0;x\ufffd\ufffd')
})
