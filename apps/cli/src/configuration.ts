import { readFile, writeFile } from 'node:fs/promises'
import { configurationMarkdown, environmentExample } from '@dayshift/domain/config'

// Writes what the schema says of the settings: the tables of docs/configuration.md, and .env.example.
const root = new URL('../../../', import.meta.url)
const [begin, end] = ['<!-- begin: npm run configuration -->', '<!-- end -->']

const document = new URL('docs/configuration.md', root)
const [before = '', rest = ''] = (await readFile(document, 'utf8')).split(begin)
const [, after = ''] = rest.split(end)
await writeFile(document, `${before}${begin}\n\n${configurationMarkdown()}\n\n${end}${after}`)
await writeFile(new URL('.env.example', root), environmentExample())
process.stdout.write('Written: docs/configuration.md, .env.example\n')
