import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { imagePins, pinned } from './image-pins.ts'
import { isImageName } from './tree/contents.ts'

const USAGE = `Usage: npm run image [-- web|worker] [-- docker build options]

Builds dayshift-web:<version> and dayshift-worker:<version> with labels of this commit, so that the same commit gives
the same images. Options of docker build go behind a second "--", such as: npm run image -- web -- --platform linux/arm64`

const root = fileURLToPath(new URL('../', import.meta.url))
const git = (...args: string[]): string => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()

const args = process.argv.slice(2)
const end = args.indexOf('--')
const { positionals } = parseArgs({ args: end < 0 ? args : args.slice(0, end), allowPositionals: true })
const passed = end < 0 ? [] : args.slice(end + 1)
const targets = positionals.length > 0 ? positionals : ['web', 'worker']
if (!targets.every(isImageName)) {
  console.error(USAGE)
  process.exit(1)
}

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
const epochS = git('log', '-1', '--format=%ct')
const node = imagePins.find(({ variable }) => variable === 'NODE_IMAGE')
const buildArgs = {
  ...(node && { BASE_IMAGE: pinned(node) }),
  VERSION: version,
  REVISION: git('describe', '--always', '--abbrev=40', '--dirty', '--exclude=*'),
  CREATED: new Date(Number(epochS) * 1000).toISOString(),
  SOURCE_DATE_EPOCH: epochS,
}
for (const target of targets) {
  const options = Object.entries(buildArgs).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`])
  const tag = ['--tag', `dayshift-${target}:${version}`]
  const command = ['build', '--file', 'docker/Dockerfile', '--target', target, ...tag, ...options, ...passed, '.']
  const { status, error } = spawnSync('docker', command, { cwd: root, stdio: 'inherit' })
  if (error) console.error(`image: docker cannot be started: ${error.message}`)
  if (status !== 0) process.exit(status ?? 1)
}
