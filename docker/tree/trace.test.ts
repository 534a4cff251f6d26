import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished, expect, test } from 'vitest'
import { billOfMaterials } from './bill-of-materials.ts'
import { packageFolders, traceFiles, TraceError } from './trace.ts'
import { writeTree } from './write.ts'

const small = {
  'package.json': '{"type":"module","name":"dayshift","version":"0.1.0","license":"Apache-2.0"}',
  'package-lock.json': '{"packages":{"node_modules/feeds":{"integrity":"sha512-AAEC"}}}',
  'apps/web/src/main.ts': `import { parse } from 'feeds'
    import { open } from '@dayshift/storage'
    const reader: URL = new URL('reader.ts', import.meta.url)
    if (process.env.EMBEDDED) await import('../../../packages/storage/src/embedded/index.ts')
    open(parse, reader)`,
  'apps/web/src/reader.ts': `import './words.ts'`,
  'apps/web/src/words.ts': 'export const words: string[] = []',
  'apps/web/src/nobody.ts': 'export {}',
  'packages/storage/package.json': '{"name":"@dayshift/storage","type":"module","exports":"./src/index.ts"}',
  'packages/storage/src/index.ts': `import { readdirSync } from 'node:fs'
    const folder = new URL('../migrations/', import.meta.url)
    export const open = (...parts: unknown[]) => [readdirSync(folder), parts]`,
  'packages/storage/src/embedded/index.ts': `export * from '@electric-sql/pglite'`,
  'packages/storage/migrations/0001.sql': 'select 1',
  'node_modules/feeds/package.json': '{"name":"feeds","version":"1.0.0","license":"MIT","main":"index.js"}',
  'node_modules/feeds/index.js': `try { require('optional') } catch {}\nexports.parse = () => require('./parse.js')`,
  'node_modules/feeds/parse.js': '',
  'node_modules/feeds/readme.md': '',
  'node_modules/feeds/LICENSE': 'MIT',
  'node_modules/unused/package.json': '{"name":"unused","version":"1.0.0"}',
}
const contents = { entries: ['apps/web/src/main.ts'], also: ['package-lock.json'] }

function checkout(files: Record<string, string> = small): string {
  const root = mkdtempSync(join(tmpdir(), 'dayshift-trace-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  mkdirSync(join(root, 'node_modules/@dayshift'), { recursive: true })
  symlinkSync('../../packages/storage', join(root, 'node_modules/@dayshift/storage'))
  return root
}

test('what is imported, named by its address or licensed is there, and nothing else', async () => {
  expect(await traceFiles(checkout(), contents)).toEqual([
    'apps/web/src/main.ts',
    'apps/web/src/reader.ts',
    'apps/web/src/words.ts',
    'node_modules/@dayshift/storage',
    'node_modules/feeds/LICENSE',
    'node_modules/feeds/index.js',
    'node_modules/feeds/package.json',
    'node_modules/feeds/parse.js',
    'package-lock.json',
    'package.json',
    'packages/storage/migrations/0001.sql',
    'packages/storage/package.json',
    'packages/storage/src/index.ts',
  ])
})

test('our own code that asks for what is missing ends the build; a package that does may have its reasons', async () => {
  const broken = checkout({ ...small, 'apps/web/src/words.ts': `import 'not-installed'` })
  await expect(traceFiles(broken, contents)).rejects.toThrow(TraceError)
  await expect(traceFiles(broken, contents)).rejects.toThrow(/not-installed/)
  await expect(traceFiles(checkout(), { ...contents, also: ['apps/web/ui/dist'] })).rejects.toThrow(/ui\/dist.*built/)
})

test('a package within a package is one of its own, and our links are none', () => {
  const files = ['node_modules/a/b.js', 'node_modules/a/node_modules/@c/d/e/f.js', 'node_modules/@dayshift/llm', 'x.ts']
  expect(packageFolders(files)).toEqual(['node_modules/a', 'node_modules/a/node_modules/@c/d'])
})

test('the bill of materials has the package by the identifiers that scanners know', async () => {
  const bill = JSON.parse(
    await billOfMaterials(checkout(), 'web', ['node_modules/feeds/index.js'], new Date(0)),
  ) as Record<string, unknown>
  expect(bill).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6', metadata: { timestamp: '1970-01-01T00:00:00.000Z' } }) // prettier-ignore
  expect(bill['components']).toEqual([
    {
      type: 'library',
      'bom-ref': 'pkg:npm/feeds@1.0.0#node_modules/feeds',
      name: 'feeds',
      version: '1.0.0',
      purl: 'pkg:npm/feeds@1.0.0',
      licenses: [{ license: { id: 'MIT' } }],
      // Base64 AAEC is the bytes 0, 1 and 2.
      hashes: [{ alg: 'SHA-512', content: '000102' }],
      properties: [{ name: 'cdx:npm:package:path', value: 'node_modules/feeds' }],
    },
  ])
})

test('a tree runs with the hook, keeps its lines, and is the same bytes at the same time twice', async () => {
  const own = { ...small, LICENSE: '', NOTICE: '', 'apps/web/ui/dist/index.html': '<title></title>' }
  for (const file of ['health.mjs', 'stripped.mjs']) {
    Object.assign(own, { [`docker/${file}`]: readFileSync(new URL(`../${file}`, import.meta.url), 'utf8') })
  }
  const root = checkout({ ...own, 'apps/web/src/words.ts': 'const count: number = 1\n\nthrow new Error(`${count}`)' })
  writeFileSync(join(root, 'apps/web/src/main.ts'), `import './words.ts'`)
  const outs = [join(root, 'out-1'), join(root, 'out-2')]
  for (const out of outs) await writeTree('web', root, out, 1_700_000_000)
  const archive = (out: string) => execFileSync('tar', ['-c', '--sort=name', '--owner=0', '--group=0', '-C', out, '.'])
  expect(archive(outs[0] ?? '').equals(archive(outs[1] ?? ''))).toBe(true)
  const home = join(root, 'out-1/code/app')
  expect(statSync(join(home, 'LICENSE')).mtimeMs).toBe(1_700_000_000_000)
  const run = () => execFileSync(process.execPath, ['--import', './docker/stripped.mjs', 'apps/web/src/main.ts'], { cwd: home, stdio: 'pipe' }) // prettier-ignore
  expect(run).toThrow(/words\.ts:3/)
  expect(readFileSync(join(home, 'apps/web/src/words.ts'), 'utf8')).not.toContain(': number')
  // As JavaScript two comparisons, as TypeScript a call: the hook gives Node the text as it is.
  writeFileSync(join(home, 'apps/web/src/main.ts'), 'const one = 1\nconsole.log(one < one > (one))')
  expect(run().toString()).toBe('false\n')
})
