// Proves that a move to the maintained fork of cdktf is a change of src/aws.ts alone, beside the packages that are installed: installs the
// fork beside a copy of this folder, rewrites the two package names in that file, builds every environment in every profile with both, and
// compares what comes out. Downloads about 400 MB.
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { environments } from '../src/environments.ts'
import { profiles } from '../src/profiles.ts'
import { firstRelease } from '../testing/stacks.ts'
import { isExpected, listDifferences } from './stack-differences.ts'

const fork = { cdktn: '0.24.0', '@cdktn/provider-aws': '25.7.0', constructs: '10.6.0' }
const execute = promisify(execFile)
const here = fileURLToPath(new URL('..', import.meta.url))
const print = (line: string): void => void process.stdout.write(`${line}\n`)

const folder = await mkdtemp(join(tmpdir(), 'dayshift-fork-'))
try {
  process.exitCode = await compare(folder)
} finally {
  await rm(folder, { recursive: true, force: true })
}

/** Answers with the exit code: 1 when stacks differ in more than the bindings' own names. */
async function compare(temporary: string): Promise<number> {
  const there = join(temporary, 'infra')
  await copyProgram(there)
  await symlink(join(here, '..', 'packages'), join(temporary, 'packages'))
  const packages = Object.entries(fork).map(([name, version]) => `${name} ${version}`)
  print(`Installing ${packages.join(', ')}`)
  await execute('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: there })

  const releases = join(temporary, 'releases')
  await mkdir(releases)
  for (const { name } of environments)
    await writeFile(join(releases, `${name}.json`), JSON.stringify(firstRelease(name)))
  // Everything as it is, then each environment in each profile.
  const cases: Record<string, string>[] = [{}]
  for (const { name } of environments)
    for (const profile of Object.keys(profiles)) cases.push({ ENVIRONMENT: name, PROFILE: profile })

  let differing = 0
  for (const variables of cases) {
    const settings = { ...variables, RELEASES: releases }
    const ours = await synthesize(here, join(temporary, 'ours'), settings)
    const theirs = await synthesize(there, join(temporary, 'theirs'), settings)
    for (const name of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
      const differences = listDifferences(ours[name], theirs[name])
      const unexpected = differences.filter((each) => !isExpected(each))
      const what = `${name} ${variables['PROFILE'] ?? 'as it is'}`
      print(`${what}: ${differences.length} differences, ${unexpected.length} of them not expected`)
      for (const { path, left, right } of unexpected)
        print(`  ${path}: ${JSON.stringify(left)} became ${JSON.stringify(right)}`)
      if (unexpected.length > 0) differing += 1
    }
  }
  print(differing === 0 ? 'The move is a change of one file.' : `${differing} stacks differ; see above.`)
  return differing === 0 ? 0 : 1
}

async function copyProgram(there: string): Promise<void> {
  const left = new Set(['node_modules', 'cdktf.out', 'package-lock.json'])
  await cp(here, there, { recursive: true, filter: (source) => !left.has(basename(source)) })
  const file = join(there, 'src', 'aws.ts')
  const source = await readFile(file, 'utf8')
  await writeFile(
    file,
    source.replaceAll("'@cdktf/provider-aws/", "'@cdktn/provider-aws/").replaceAll("'cdktf'", "'cdktn'"),
  )
  const { dependencies } = JSON.parse(await readFile(join(here, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  const kept = Object.entries(dependencies).filter(([name]) => !name.includes('cdktf'))
  const manifest = { private: true, type: 'module', dependencies: { ...Object.fromEntries(kept), ...fork } }
  await writeFile(join(there, 'package.json'), JSON.stringify(manifest))
}

/** The stacks that the program in a folder writes, by name. */
async function synthesize(
  cwd: string,
  output: string,
  variables: Record<string, string>,
): Promise<Record<string, unknown>> {
  await rm(output, { recursive: true, force: true })
  const { targetVersions } = JSON.parse(await readFile(join(cwd, 'cdktf.json'), 'utf8')) as { targetVersions: object }
  // What the fork's command line makes of cdktf.json; cdktf does not look at it.
  const context = JSON.stringify({ targetVersions })
  const env = { STATE_BUCKET: 'compared', CDKTF_OUTDIR: output, CDKTF_CONTEXT_JSON: context, ...variables }
  await execute(process.execPath, ['src/main.ts'], { cwd, env })
  const stacks = join(output, 'stacks')
  const entries = await Promise.all(
    (await readdir(stacks)).map(async (name) => [
      name,
      // The bootstrap keeps its state beside the program, which is in two places here.
      JSON.parse((await readFile(join(stacks, name, 'cdk.tf.json'), 'utf8')).replaceAll(resolve(cwd), '.')),
    ]),
  )
  if (entries.length === 0)
    throw new Error(`Expected the program in ${cwd} to write stacks to ${stacks}; it wrote none.`)
  return Object.fromEntries(entries) as Record<string, unknown>
}
