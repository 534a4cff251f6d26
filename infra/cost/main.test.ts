import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { Line } from './bill.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))
const run = (...args: string[]) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, ['--disable-warning=DEP0044', main, ...args], (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    )
  })
interface Priced {
  monthUsd: number
  yearUsd: number
  together: { monthUsd: number; limitUsd: number }
  lines: Line[]
}

describe('the command', () => {
  test('gives every line of an environment as JSON, and lines make the month', async () => {
    const { code, stdout, stderr } = await run('--env', 'production', '--profile', 'standard', '--json')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const { monthUsd, yearUsd, together, lines } = JSON.parse(stdout) as Priced
    expect(lines.reduce((sum, { usd }) => sum + usd, 0)).toBeCloseTo(monthUsd, 6)
    expect(lines.every(({ quantity, free, unitUsd, usd }) => Math.abs((quantity - free) * unitUsd - usd) < 1e-9)).toBe(true) // prettier-ignore
    expect(new Set(lines.map(({ environment }) => environment))).toEqual(new Set(['production']))
    expect(yearUsd).toBeCloseTo(12 * monthUsd, 6)
    expect(together.limitUsd).toBe(85)
    expect(together.monthUsd).toBeGreaterThan(monthUsd)
  })

  test('puts all profiles side by side', async () => {
    const { code, stdout } = await run()
    expect(code).toBe(0)
    expect(stdout).toMatch(/^limit +55\.00 +85\.00 +199\.00$/m)
  })

  test('takes the resources of an environment from a plan', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dayshift-cost-'))
    try {
      const eip = { address: 'aws_eip.a', mode: 'managed', type: 'aws_eip', name: 'a', values: {} }
      const plan = { planned_values: { root_module: { resources: [eip] } }, configuration: { root_module: {} } }
      writeFileSync(join(folder, 'plan.json'), JSON.stringify(plan))
      const { stdout } = await run('--env', 'production', '--plan', join(folder, 'plan.json'), '--json')
      const bill = (JSON.parse(stdout) as Priced).lines.filter(({ service }) => service !== 'Model calls')
      expect(bill).toMatchObject([{ resource: 'aws_eip.a', quantity: 730, usd: 3.65 }])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('says what was wrong with its options, and ends with 1', async () => {
    const { code, stdout, stderr } = await run('--profile', 'cheap')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^--profile cheap: expected economy, standard, ha\.\n\nUsage: npm run cost/)
  })
})
