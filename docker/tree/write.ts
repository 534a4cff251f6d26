import {
  chmod,
  copyFile,
  lstat,
  lutimes,
  mkdir,
  readdir,
  readFile,
  readlink,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { billOfMaterials } from './bill-of-materials.ts'
import { images, isImageName, type ImageName } from './contents.ts'
import { traceFiles } from './trace.ts'

const USAGE = 'node docker/tree/write.ts --image web|worker --root <checkout> --out <folder> [--epoch <seconds>]'

/** Where the program lives in the image; what it compiled is kept by this path. */
const HOME = 'app'

/**
 * Writes the files of an image in two parts, the packages apart from our code because they change more seldom:
 * `<out>/packages/app/…` and `<out>/code/app/…`, both to be copied to `/`; and `<out>/modules.json`, the paths of our
 * modules that may be imported without starting anything. The code has its bill of materials beside it.
 * Types are stripped, which keeps lines and columns. Two runs with the same input and time write the same bytes.
 */
export async function writeTree(image: ImageName, root: string, out: string, epochS: number): Promise<void> {
  const files = await traceFiles(root, images[image])
  await Promise.all(['packages', 'code'].map((part) => mkdir(join(out, part, HOME), { recursive: true })))
  for (const file of files) await writeEntry(join(root, file), join(out, partOf(file), HOME, file))
  const bill = await billOfMaterials(root, image, files, new Date(epochS * 1000))
  await writeFile(join(out, 'code', HOME, 'sbom.cdx.json'), bill)
  const modules = files.filter((file) => isOurModule(file) && !images[image].entries.includes(file))
  await writeFile(join(out, 'modules.json'), JSON.stringify(modules))
  await setTimes(out, epochS)
}

/** Links to workspaces are ours, though they stand among the packages. */
const partOf = (file: string): 'packages' | 'code' =>
  file.startsWith('node_modules/') && !file.startsWith('node_modules/@dayshift/') ? 'packages' : 'code'

const isOurModule = (file: string): boolean => file.endsWith('.ts') && !file.includes('node_modules/')

async function writeEntry(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true })
  if ((await lstat(from)).isSymbolicLink()) return symlink(await readlink(from), to)
  if (isOurModule(to)) await writeFile(to, stripTypeScriptTypes(await readFile(from, 'utf8')))
  else await copyFile(from, to)
  await chmod(to, 0o644)
}

async function setTimes(folder: string, epochS: number): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isDirectory()) await chmod(path, 0o755)
    await lutimes(path, epochS, epochS)
  }
  await lutimes(folder, epochS, epochS)
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      image: { type: 'string' },
      root: { type: 'string' },
      out: { type: 'string' },
      epoch: { type: 'string', default: '0' },
    },
  })
  const { image, root, out, epoch } = values
  if (!isImageName(image) || !root || !out || !/^\d+$/.test(epoch)) throw new Error(`Usage: ${USAGE}`)
  await writeTree(image, root, out, Number(epoch))
}
