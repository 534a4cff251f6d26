import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { billOfMaterials } from './tree/bill-of-materials.ts'
import { images, isImageName } from './tree/contents.ts'
import { traceFiles } from './tree/trace.ts'

const USAGE = `Usage: npm run sbom -- web|worker [--out <file>]

The packages of an image as CycloneDX JSON, on standard output or in a file. In the image the same is app/sbom.cdx.json.`

const { values, positionals } = parseArgs({ allowPositionals: true, options: { out: { type: 'string' } } })
const [image, ...more] = positionals
if (!isImageName(image) || more.length > 0) {
  console.error(USAGE)
  process.exitCode = 1
} else {
  const root = fileURLToPath(new URL('../', import.meta.url)).slice(0, -1)
  const text = await billOfMaterials(root, image, await traceFiles(root, images[image]), new Date())
  if (values.out === undefined) process.stdout.write(text)
  else await writeFile(values.out, text)
}
