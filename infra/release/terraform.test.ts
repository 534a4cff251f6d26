import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { startProvider } from '../testing/provider.ts'
import { writeStack } from '../testing/stacks.ts'
import { readStack, terraformEnvironment, terraformVersion, withoutTerraform } from '../testing/terraform.ts'
import { Interrupted } from './ports.ts'
import { apply, prepare, pull } from './prepare.ts'
import { readPresent } from './release-file.ts'
import { rollback, shiftBy } from './shift.ts'
import { openTerraform, readOutputs } from './terraform.ts'
import { one, openStage, two, unreleased } from './testing/world.ts'
import { reasonOf } from './watch.ts'

const infra = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'dayshift-release-'))
const other = mkdtempSync(join(tmpdir(), 'other-'))
afterAll(() => Promise.all([folder, other].map((each) => rm(each, { recursive: true, force: true }))))

describe.skipIf(withoutTerraform)(`with Terraform ${terraformVersion ?? '(skipped: not installed)'}`, () => {
  test(
    'a release goes from the first apply to the second version and back, and AWS is asked what it is',
    { timeout: 300_000 },
    async () => {
      await using stage = await openStage(unreleased, 'staging')
      const { world, aws } = stage
      await using provider = await startProvider(await readStack(writeStack(join(folder, 'types'), 'staging')))
      const env = { ...terraformEnvironment(provider), STATE_FOLDER: folder, RELEASES: world.releases }
      const { signal } = new AbortController()
      world.terraform = openTerraform({
        environment: 'staging',
        infra,
        out: join(folder, 'out'),
        env,
        isShown: false,
        signal,
      })
      // What ECS would do with the images of an apply.
      const deploy = (version: typeof one, colour: 'web-blue' | 'web-green') => {
        aws.services.get(colour)!.digest = version.web
        aws.services.get('worker')!.digest = version.worker
      }
      expect(await world.terraform.readApplied()).toBeUndefined()

      deploy(one, 'web-blue')
      await prepare(world, one)
      await shiftBy(world, [1, 10, 50, 90, 100], 0)
      const first = await readPresent(world)
      expect(first.release.blue).toEqual({ images: one, weight: 100 })
      expect(first.applied?.release).toEqual(first.release)
      expect(first.applied?.migration.logGroup).toBe('/dayshift/staging/migration')

      await prepare(world, two)
      deploy(two, 'web-green')
      await shiftBy(world, [100], 0)
      await rollback(world)
      expect(stage.file()).toMatchObject({ blue: { images: one, weight: 100 }, green: { images: two, weight: 0 } })

      // A file from an old checkout.
      writeFileSync(join(world.releases, 'staging.json'), JSON.stringify(unreleased))
      await expect(prepare(world, two)).rejects.toThrow('pull --env staging')
      await expect(apply(world)).rejects.toThrow('Nothing was done.')
      await pull(world)
      expect(stage.file().green.images).toEqual(two)

      // The same folder, and another state.
      const elsewhere = { ...env, STATE_FOLDER: other }
      const there = openTerraform({ environment: 'staging', infra, out: join(folder, 'out'), env: elsewhere, isShown: false, signal }) // prettier-ignore
      expect(await there.readApplied()).toBeUndefined()
    },
  )
})

/** A program in place of Terraform, which needs a second to end what it has in hand, and does so badly at a second interrupt. */
const patient = `#!/usr/bin/env node
const { appendFileSync, readFileSync } = require('node:fs')
let interrupts = 0
if (process.argv.includes('apply')) {
  // proc(5): the fifth field is the process group, which a terminal interrupts as a whole.
  const group = Number(readFileSync('/proc/self/stat', 'utf8').split(' ')[4])
  appendFileSync(process.env.HEARD, group === process.pid ? 'apply in a group of its own, ' : 'apply, ')
  const held = setInterval(() => undefined, 1000)
  process.on('SIGINT', () => {
    appendFileSync(process.env.HEARD, 'interrupt, ')
    if ((interrupts += 1) > 1) process.exit(9)
    setTimeout(() => (appendFileSync(process.env.HEARD, 'unlocked'), clearInterval(held), process.exit(1)), 500)
  })
} else console.log('{}')
`

test('an interrupt lets Terraform end what it has in hand and give back its lock', async () => {
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'terraform'), patient)
  chmodSync(join(bin, 'terraform'), 0o755)
  const heard = join(folder, 'heard')
  const abort = new AbortController()
  const env = { ...process.env, PATH: [bin, process.env['PATH']].join(delimiter), HEARD: heard, STATE_FOLDER: folder }
  const terraform = openTerraform({
    environment: 'staging',
    infra,
    out: join(folder, 'interrupted'),
    env,
    isShown: false,
    signal: abort.signal,
  })
  const ended = terraform.apply().then(() => 'applied', reasonOf)
  const read = () => {
    try {
      return readFileSync(heard, 'utf8')
    } catch {
      return ''
    }
  }
  while (!read().includes('apply')) await delay(50)
  await delay(100)
  abort.abort(new Interrupted())
  expect(await ended).toContain('terraform apply was interrupted and has ended what it had in hand')
  expect(read()).toBe('apply in a group of its own, interrupt, unlocked')
  await expect(terraform.apply()).rejects.toThrow(Interrupted)
})

test('a missing Terraform is named', async () => {
  const { signal } = new AbortController()
  const env = { STATE_FOLDER: folder, PATH: '/nonexistent' }
  const terraform = openTerraform({
    environment: 'staging',
    infra,
    out: join(folder, 'missing'),
    env,
    isShown: false,
    signal,
  })
  await expect(terraform.readApplied()).rejects.toThrow('Is it installed and on the PATH?')
})

test('outputs of a stack that was applied only in part say which is missing', () => {
  expect(readOutputs('{}', 'staging')).toBeUndefined()
  const said = () => readOutputs(JSON.stringify({ address: { value: 'https://x' } }), 'staging')
  expect(said).toThrow(/migration_task[^]*npm run release -- apply --env staging/)
})
