import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { environments } from '../src/environments.ts'
import { run } from './terraform.ts'

const infra = fileURLToPath(new URL('..', import.meta.url))

/** Says at the end of a process what it took and which modules of the bindings it loaded. */
const meter = `data:text/javascript,${encodeURIComponent(`
  import { createRequire } from 'node:module'
  import { writeFileSync } from 'node:fs'
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
    const modules = Object.keys(createRequire(import.meta.filename ?? '/').cache).filter((file) => file.includes('provider-aws'))
    const seconds = (userCPUTime + systemCPUTime) / 1e6
    writeFileSync(process.env.METER, JSON.stringify({ seconds, megabytes: maxRSS / 1000, modules }))
  })
`)}`

interface Reading {
  seconds: number
  megabytes: number
  modules: string[]
}

describe('the synthesis of all stacks', () => {
  let folder: string
  let reading: Reading
  let said: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dayshift-synth-'))
    const { app } = JSON.parse(await readFile(join(infra, 'cdktf.json'), 'utf8')) as { app: string }
    const [, ...args] = app.split(' ')
    const env = { CDKTF_OUTDIR: join(folder, 'out'), METER: join(folder, 'meter.json') }
    const node = join(infra, 'node_modules', 'node', 'bin', 'node')
    // No PATH, no home, no credentials: the program needs none. The best of three, since others use this machine too.
    const readings: Reading[] = []
    for (let round = 0; round < 3; round += 1) {
      const { code, stdout, stderr } = await run(node, ['--import', meter, ...args], env, infra)
      said = `${code}${stdout}${stderr}`
      readings.push(JSON.parse(await readFile(env.METER, 'utf8')) as Reading)
    }
    reading = readings.reduce((best, each) => (each.seconds < best.seconds ? each : best))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('writes every stack and says nothing: the command line takes any word for an error', async () => {
    expect(said).toBe('0')
    const names = environments.map(({ name }) => name)
    expect(await readdir(join(folder, 'out', 'stacks'))).toEqual(expect.arrayContaining(['bootstrap', ...names]))
  })

  it('takes at most 2 s of a processor and 300 MB', () => {
    expect(reading.seconds).toBeLessThanOrEqual(2)
    expect(reading.megabytes).toBeLessThanOrEqual(300)
  })

  it('loads the bindings of what it builds and not the whole package, which has 2,216 modules', () => {
    expect(reading.modules.length).toBeGreaterThan(50)
    expect(reading.modules.length).toBeLessThan(250)
    expect(reading.modules.filter((file) => /provider-aws[\\/]lib[\\/]index\.js$/.test(file))).toEqual([])
  })
})

describe('the sources', () => {
  it('import the bindings in aws.ts only, each by its own path', async () => {
    const files = (await readdir(infra, { recursive: true })).filter(
      (file) => file.endsWith('.ts') && !/node_modules|cdktf\.out/.test(file),
    )
    const imports = await Promise.all(
      files.map(async (file) => {
        const found = (await readFile(join(infra, file), 'utf8')).matchAll(
          /^(?:import|export)[^'\n]*?(?:\n[^'\n]*)*? from '(cdktf|constructs|@cdktf\/[^']*)'/gm,
        )
        return [...found].map(([, from]) => ({ file, from }))
      }),
    )
    const all = imports.flat()
    expect(all.length).toBeGreaterThan(100)
    expect(all.filter(({ file }) => file !== join('src', 'aws.ts'))).toEqual([])
    expect(
      all.filter(
        ({ from }) => from?.startsWith('@cdktf/') && !/^@cdktf\/provider-aws\/lib\/[a-z0-9-]+\/index\.js$/.test(from),
      ),
    ).toEqual([])
  })
})
