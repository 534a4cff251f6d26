import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, globSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { images, type ImageName } from '../tree/contents.ts'
import { writeTree } from '../tree/write.ts'

const checkout = fileURLToPath(new URL('../../', import.meta.url))
const dockerfile = readFileSync(new URL('../Dockerfile', import.meta.url), 'utf8')

/** The words of the CMD of a target: what node is started with. */
export function commandOf(image: ImageName): string[] {
  const stage = dockerfile.slice(dockerfile.indexOf(`FROM runtime AS ${image}`))
  const [, words = ''] = /^CMD \["node", (.+)\]$/m.exec(stage) ?? []
  return JSON.parse(`[${words}]`) as string[]
}

export interface Trees {
  /** The checkout with the packages of production only. */
  whole: string
  /** The folder that is /app in an image. */
  home(image: ImageName): string
  remove(): void
}

/** What the Dockerfile does, without Docker: installs for production, traces, writes, and keeps what Node compiles. */
export async function buildTrees(): Promise<Trees> {
  const folder = mkdtempSync(join(tmpdir(), 'dayshift-image-'))
  const whole = join(folder, 'whole')
  const git = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: checkout })
  const files = git.toString().split('\0').filter((file) => file !== '' && existsSync(join(checkout, file))) // prettier-ignore
  for (const file of files) copy(file, whole)
  if (!existsSync(join(checkout, 'apps/web/ui/dist/index.html'))) throw new Error('Build the page first: npm run web.')
  copy('apps/web/ui/dist', whole)
  const install = /npm ci --omit=dev (?:[^&]*?)((?: *--workspace @dayshift\/\w+)+)/.exec(
    dockerfile.replaceAll(/\\\n/g, ''),
  )
  const workspaces = install?.[1]?.trim().split(/\s+/) ?? []
  const options = ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  execFileSync('npm', [...options, ...workspaces], { cwd: whole, stdio: ['ignore', 'ignore', 'inherit'] })
  const home = (image: ImageName): string => join(folder, image, 'app')
  for (const image of Object.keys(images) as ImageName[]) {
    const out = join(folder, 'out', image)
    await writeTree(image, whole, out, 1_700_000_000)
    for (const part of ['packages', 'code']) cpSync(join(out, part), join(folder, image), { recursive: true, verbatimSymlinks: true }) // prettier-ignore
    compile(home(image), join(out, 'modules.json'), join(home(image), 'compiled'))
  }
  return { whole, home, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Imports every module of a tree that is no program; throws when one of them, or what it needs, is missing. */
function compile(home: string, modules: string, cache: string): void {
  const compiler = fileURLToPath(new URL('../tree/compile.mjs', import.meta.url))
  execFileSync(process.execPath, ['--predictable', '--import', './docker/stripped.mjs', compiler, modules, home], {
    cwd: home,
    env: { NODE_COMPILE_CACHE: cache },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

/** Bytes of all files below a folder; a link counts as nothing. */
export function bytesBelow(folder: string): number {
  const paths = globSync('**', { cwd: folder }).map((path) => lstatSync(join(folder, path)))
  return paths.filter((found) => found.isFile()).reduce((sum, { size }) => sum + size, 0)
}

function copy(path: string, to: string): void {
  mkdirSync(dirname(join(to, path)), { recursive: true })
  cpSync(join(checkout, path), join(to, path), { recursive: true, verbatimSymlinks: true })
}
