import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { eventually } from './testing/analyst.ts'
import { ROOT } from './testing/compose-file.ts'
import { docker, hasImage, noEngine } from './testing/docker.ts'
import { preparePlatform } from './testing/platform.ts'

const MOTO = 'motoserver/moto:5'
const CALLS = 'packages/storage/src/objects/s3/s3-given-store.test.ts'
const CONTRACT = [
  'packages/storage/src/objects/objects.test.ts',
  'packages/storage/src/objects/objects-list-and-sign.test.ts',
]
/** Our own fakes run in the same files; here only the server counts. */
const GIVEN = 'S3 at http|a given S3 store'
const hasMoto = !noEngine && (await hasImage(MOTO))

interface Results {
  passed: number
  /** Those that the server is known to fail, by name. */
  skipped: string[]
  failed: string[]
}

/** Runs tests of the storage package against a server, in a process of their own. */
async function runAgainst(endpoint: string, keys: Record<string, string>, files: string[]): Promise<Results> {
  const folder = await mkdtemp(join(tmpdir(), 'dayshift-store-'))
  const outputFile = join(folder, 'results.json')
  const args = [
    'run',
    '--project',
    'unit',
    '--reporter',
    'json',
    '--outputFile',
    outputFile,
    '--testNamePattern',
    GIVEN,
    ...files,
  ]
  const env = { PATH: process.env['PATH'] ?? '', TEST_S3_ENDPOINT: endpoint, ...keys }
  const command = join(ROOT, 'node_modules/vitest/vitest.mjs')
  const ended = await new Promise<string[]>((resolve) =>
    execFile(process.execPath, [command, ...args], { cwd: ROOT, env }, (error, _, stderr) =>
      // Tests whose preparation failed are merely skipped in the results.
      resolve(error ? [stderr.slice(-2000)] : []),
    ),
  )
  const { testResults } = JSON.parse(await readFile(outputFile, 'utf8')) as {
    testResults: { assertionResults: { status: string; fullName: string; title: string }[] }[]
  }
  await rm(folder, { recursive: true })
  const all = testResults.flatMap(({ assertionResults }) => assertionResults)
  const given = all.filter(({ fullName }) => new RegExp(GIVEN).test(fullName))
  const named = (status: string) => given.filter((one) => one.status === status).map(({ title }) => title)
  return { passed: named('passed').length, skipped: named('skipped'), failed: [...named('failed'), ...ended] }
}

const report = (server: string, { passed, skipped }: Results) =>
  console.warn(
    `${server}: ${passed} passed, ${skipped.length} skipped${skipped.length > 0 ? `:\n  ${[...new Set(skipped)].join('\n  ')}` : ''}`,
  )

describe.skipIf(noEngine)(`the S3 store of the compose file${noEngine ? `: skipped, ${noEngine}` : ''}`, () => {
  test('does what the product asks of it', async () => {
    const platform = await preparePlatform()
    onTestFinished(platform.close)
    const isReal = !platform.notes.some((note) => note.includes('seaweedfs'))
    for (const note of platform.notes) console.warn(note)
    await platform.compose('up', '--build', '--detach', '--no-deps', 'store')
    await eventually(
      () => platform.state('store'),
      ({ health }) => health === 'healthy',
    )
    const { S3_ACCESS_KEY_ID = '', S3_SECRET_ACCESS_KEY = '' } = platform.env
    const keys = { TEST_S3_ACCESS_KEY_ID: S3_ACCESS_KEY_ID, TEST_S3_SECRET_ACCESS_KEY: S3_SECRET_ACCESS_KEY }
    // The stand-in fails the whole contract in many ways; it is here for its signatures, versions and policies.
    const results = await runAgainst(platform.storeUrl, keys, isReal ? [CALLS, ...CONTRACT] : [CALLS])
    report(isReal ? 'the store' : 'the stand-in of the store', results)
    expect(results.failed).toEqual([])
    expect(results.passed).toBeGreaterThan(isReal ? 200 : 6)
  })

  test.skipIf(!hasMoto)(
    `so does moto, as far as it is S3${hasMoto ? '' : `: skipped, ${MOTO} is not here`}`,
    async () => {
      const name = `dayshift-test-moto-${randomBytes(4).toString('hex')}`
      await docker('run', '--detach', '--name', name, '--publish', '127.0.0.1::5000', MOTO)
      onTestFinished(async () => void (await docker('rm', '--force', '--volumes', name)))
      const endpoint = `http://${(await docker('port', name, '5000/tcp')).split('\n')[0]}`
      await eventually(
        async () => (await fetch(endpoint)).status,
        (status) => status === 200,
      )
      const keys = { TEST_S3_ACCESS_KEY_ID: 'any', TEST_S3_SECRET_ACCESS_KEY: 'any' }
      const results = await runAgainst(endpoint, keys, [CALLS, ...CONTRACT])
      report('moto', results)
      expect(results.failed).toEqual([])
      expect(results.passed).toBeGreaterThan(200)
    },
  )
})
