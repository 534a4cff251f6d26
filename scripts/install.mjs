// Installs what is missing or old; with --page builds the page and with --embedded makes the empty database of
// first starts, each when it is missing or old.
// Plain JavaScript on purpose: it runs under whatever Node >= 20 the machine has.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const [major] = process.versions.node.split('.').map(Number)
if (major < 20) {
  console.error(
    `dayshift: Node 20 or newer is needed to install, this is ${process.version}. Install it from nodejs.org.`,
  )
  process.exit(1)
}

const read = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : '')
const sha256 = (text) => createHash('sha256').update(text).digest('hex')
const npm = (args) => {
  const windows = process.platform === 'win32'
  execFileSync(windows ? 'npm.cmd' : 'npm', args, { cwd: root, stdio: ['ignore', 2, 2], shell: windows })
}

const stamp = join(root, 'node_modules', '.dayshift-installed')
const wanted = sha256(read(join(root, 'package-lock.json')))
if (read(stamp) !== wanted) {
  console.error('dayshift: installing packages (once, and after an update) …')
  npm(['ci', '--no-audit', '--no-fund', '--loglevel=error'])
  writeFileSync(stamp, wanted)
}

if (process.argv.includes('--page')) {
  const source = join(root, 'apps', 'web', 'ui')
  const files = readdirSync(source, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile() && !file.parentPath.includes(join('ui', 'dist')))
    .map((file) => join(file.parentPath, file.name))
    .sort()
  const state = sha256([wanted, ...files.map((file) => file + sha256(read(file)))].join('\n'))
  const built = join(source, 'dist', '.built-from')
  if (read(built) !== state) {
    console.error('dayshift: building the page (once, and after an update) …')
    npm(['run', '--silent', 'build', '--workspace', '@dayshift/web'])
    mkdirSync(dirname(built), { recursive: true })
    writeFileSync(built, state)
  }
}

const prepared = join(root, 'node_modules', '.dayshift-prepared')
if (process.argv.includes('--embedded') && read(prepared) !== wanted) {
  console.error('dayshift: preparing the embedded database (once, and after an update) …')
  const node = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  execFileSync(node, ['apps/cli/src/prepare.ts'], { cwd: root, stdio: ['ignore', 2, 2] })
  writeFileSync(prepared, wanted)
}
