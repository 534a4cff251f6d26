// Installs what is missing or old; with --page builds the page, with --embedded makes the empty database of first
// starts, and with --infra installs the gigabyte that only the deployment needs, each when it is missing or old.
// Plain JavaScript on purpose: it runs under whatever Node >= 20 the machine has.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const modules = join(root, 'node_modules')
const windows = process.platform === 'win32'

const read = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : '')
const sha256 = (text) => createHash('sha256').update(text).digest('hex')
const say = (line) => console.error(`dayshift: ${line}`)

function stop(line) {
  say(line)
  process.exit(1)
}

/** Runs a program; what it prints goes to standard error, so that standard output is the program's we start. */
function run(command, args, cwd = root) {
  return new Promise((resolve) => {
    const shell = windows && command.endsWith('.cmd')
    const child = spawn(command, args, { cwd, stdio: ['ignore', 2, 2], shell })
    child.on('error', (error) => stop(`${command} cannot be started: ${error.message}`))
    child.on('exit', (code) => (code === 0 ? resolve() : stop(`${command} ${args.join(' ')} failed; see above.`)))
  })
}
const npm = (args, cwd) => run(windows ? 'npm.cmd' : 'npm', args, cwd)

/** What npm says it has installed is what the lock file wants; what is optional may be missing. */
function isInstalled(folder) {
  const lock = read(join(folder, 'package-lock.json'))
  const has = JSON.parse(read(join(folder, 'node_modules', '.package-lock.json')) || '{}').packages
  if (!has) return false
  const wants = Object.entries(JSON.parse(lock).packages).filter(([path]) => path.includes('node_modules/'))
  return wants.every(([path, { version, optional }]) => (has[path] ? has[path].version === version : optional))
}

/** Does `work` unless it was done for the same `state`; the stamp is written when it has succeeded. */
async function once(stamp, state, line, work) {
  if (read(stamp) === state) return
  say(`${line} (once, and after an update) …`)
  await work()
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, state)
}

const [major] = process.versions.node.split('.').map(Number)
if (major < 20) stop(`Node 20 or newer is needed to install, this is ${process.version}. Get it from nodejs.org.`)

async function install(folder, line) {
  if (isInstalled(folder)) return
  say(`${line} (once, and after an update) …`)
  await npm(['ci', '--no-audit', '--no-fund', '--loglevel=error'], folder)
}
await install(root, 'installing packages')
if (process.argv.includes('--infra')) await install(join(root, 'infra'), 'installing what deploys to AWS')

const lock = read(join(root, 'package-lock.json'))

const work = []
if (process.argv.includes('--page')) {
  const source = join(root, 'apps', 'web', 'ui')
  const files = readdirSync(source, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile() && !file.parentPath.includes(join('ui', 'dist')))
    .map((file) => join(file.parentPath, file.name))
    .sort()
  const state = sha256([lock, ...files.map((file) => file + sha256(read(file)))].join('\n'))
  const build = () => npm(['run', '--silent', 'build', '--workspace', '@dayshift/web'])
  work.push(once(join(source, 'dist', '.built-from'), state, 'building the page', build))
}
if (process.argv.includes('--embedded')) {
  const node = join(modules, 'node', 'bin', windows ? 'node.exe' : 'node')
  const prepare = () => run(node, ['apps/cli/src/prepare.ts'])
  work.push(once(join(modules, '.dayshift-prepared'), sha256(lock), 'preparing the embedded database', prepare))
}
await Promise.all(work)
