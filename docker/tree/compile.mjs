// Imports the modules named in a file, so that Node keeps them compiled in NODE_COMPILE_CACHE.
// Run with --predictable, the same modules give the same bytes.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [, , list = '', root = ''] = process.argv
for (const module of JSON.parse(readFileSync(list, 'utf8'))) await import(pathToFileURL(join(root, module)).href)
process.exit(0)
