import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { limits, openTestServices, signIn } from './testing/product.ts'
import { freePort, type Program, runProgram, startProgram } from './testing/program.ts'
import { accessKey, openSite, type Site, siteSettings } from './testing/site.ts'
import { buildTrees, bytesBelow, commandOf, type Trees } from './testing/trees.ts'
import { images, type ImageName } from './tree/contents.ts'
import { packageFolders } from './tree/trace.ts'

const names = Object.keys(images) as ImageName[]
let trees: Trees
beforeAll(async () => {
  trees = await buildTrees()
})
afterAll(() => trees?.remove())

test.each(names)('%s is no larger than it may be, without the embedded database', (image) => {
  const mb = bytesBelow(trees.home(image)) / 1e6
  console.log(`${image}: ${mb.toFixed(1)} MB`)
  expect(mb).toBeLessThanOrEqual(limits[image].sizeMb)
  const files = globSync('**', { cwd: trees.home(image) })
  expect(files.filter((file) => /@electric-sql|\.test\.|\/testing\/|\.env/.test(file))).toEqual([])
})

test.each(names)('the bill of materials of %s names each package that is there, and no other', (image) => {
  const bill = JSON.parse(readFileSync(join(trees.home(image), 'sbom.cdx.json'), 'utf8')) as {
    components: { name: string; hashes?: object[]; licenses: object[]; properties: { value: string }[] }[]
  }
  const files = globSync('node_modules/**/*.{js,mjs,cjs,json,node}', { cwd: trees.home(image) })
  expect(
    bill.components.map(({ properties }) => properties[0]?.value ?? '').toSorted((a, b) => (a < b ? -1 : 1)),
  ).toEqual(packageFolders(files))
  expect(bill.components.filter(({ hashes, licenses }) => !hashes || licenses.length === 0)).toEqual([])
})

test.each(names)('%s brings the licence of every package that has one', (image) => {
  const home = trees.home(image)
  const licences = (root: string, folder: string) =>
    globSync(`${folder}/{LICENSE,LICENCE,license,licence}*`, { cwd: root }).sort()
  for (const folder of packageFolders(globSync('node_modules/**/package.json', { cwd: home }))) {
    expect(licences(home, folder)).toEqual(licences(trees.whole, folder))
  }
})

const services = await openTestServices()

// Skipped without TEST_DATABASE_URL and TEST_REDIS_URL.
describe.skipIf(services === undefined)('what is in the trees does the work', () => {
  let site: Site
  const programs: Program[] = []
  const settings: Record<string, string> = {}
  const ports = { web: 0, worker: 0 }

  beforeAll(async () => {
    site = await openSite()
    ports.web = await freePort()
    ports.worker = await freePort()
    Object.assign(settings, await services?.open(), siteSettings(site), {
      PORT: String(ports.web),
      WORKER_HEALTH_PORT: String(ports.worker),
      NODE_ENV: 'production',
      DEFAULT_SOURCES: 'false',
      SAMPLE_CONTENT: 'false',
    })
  })
  afterAll(async () => {
    for (const program of programs) await program.stop()
    await site?.close()
    await services?.close()
  })

  const start = async (image: ImageName): Promise<Program> => {
    const env = { ...settings, NODE_COMPILE_CACHE: join(trees.home(image), 'compiled') }
    const program = await startProgram(trees.home(image), commandOf(image), env, ports[image])
    programs.push(program)
    return program
  }

  test('the command that migrates is in the worker', async () => {
    const printed = await runProgram(trees.home('worker'), ['apps/cli/src/migrate.ts'], settings)
    expect(printed).toMatch(/0001-foundation/)
  })

  test.each(names)('%s is healthy in time, idles in its memory, and ends with 0', async (image) => {
    const runs = [await start(image)]
    onTestFinished(() => void programs.splice(0))
    for (let run = 1; run < 5; run += 1) {
      expect(await runs.at(-1)?.stop()).toBe(0)
      runs.push(await start(image))
    }
    const startMs = Math.min(...runs.map((run) => Math.min(run.startMs, run.processorMs)))
    const wallMs = Math.min(...runs.map((run) => run.startMs))
    await sleep(10_000)
    const memory = runs.at(-1)?.memory()
    console.log(
      `${image}: /health after ${wallMs} ms (at work: ${startMs} ms), ${memory?.rssMb} MB resident, ${memory?.anonymousMb} MB its own`,
    )
    // The best of five, and no more than the processor time: what else the machine does is not the image's.
    expect(startMs).toBeLessThanOrEqual(limits[image].startMs)
    expect(memory?.anonymousMb).toBeLessThanOrEqual(limits[image].idleMb)
    expect(await runs.at(-1)?.stop()).toBe(0)
  })

  test('an article is collected, parsed, stored and found; the page, its assets and the API page are there', async () => {
    const web = await start('web')
    const worker = await start('worker')
    const origin = `http://127.0.0.1:${ports.web}`
    const link = await runProgram(trees.home('worker'), ['apps/cli/src/sign-in-link.ts'], settings)
    const analyst = await signIn(origin, link)
    await analyst.post('/sources', { url: `${site.origin}/feed` })
    const found = await analyst.until('/search?q=marmot', (text) => text.includes('Marmot loader'))
    expect(found).toContain('Marmot loader')
    expect(await analyst.until('/indicators', (text) => text.includes('marmot-updates.com'))).toContain(
      'marmot-updates.com',
    )
    // Put by the credentials of the task, which the AWS SDK loads only when it asks for them.
    expect([...site.stored.values()]).toContain(accessKey)

    const page = await fetch(`${origin}/`)
    expect(page.headers.get('content-type')).toContain('text/html')
    // All files of an image have one time: validators made of it would call two versions of the page the same.
    expect(page.headers.get('last-modified')).toBeNull()
    const [, asset = ''] = /src="(\/assets\/[^"]+\.js)"/.exec(await page.text()) ?? []
    for (const path of [asset, '/api/docs/', '/api/docs/static/swagger-ui-bundle.js', '/api/docs/json']) {
      expect([path, (await fetch(`${origin}${path}`)).status]).toEqual([path, 200])
    }
    expect([web, worker].map((program) => program.log()).join('')).not.toMatch(/ERR_MODULE_NOT_FOUND|Cannot find/)
  })

  test.each(['models', 'spending', 'shadow', 'backfill'])('the command %s runs', async (command) => {
    const args = command === 'backfill' ? ['summaries', '--dry-run'] : []
    expect(await runProgram(trees.home('worker'), [`apps/cli/src/${command}.ts`, ...args], settings)).not.toBe('')
  })
})
