import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { packageFolders } from './trace.ts'

/** What we read of a package.json, and of its entry in package-lock.json. */
interface Manifest {
  name: string
  version: string
  license?: string
}
interface Locked {
  resolved?: string
  integrity?: string
}

/**
 * The packages that `files` belong to, as a CycloneDX 1.6 document (ECMA-424): name, version, licence, the hash that
 * the lock file has, and where the package is. Ours is the component that they are part of. It does not list Node and
 * Debian: they belong to the base image. Without a serial number, so that the same files give the same bytes.
 */
export async function billOfMaterials(root: string, image: string, files: string[], madeAt: Date): Promise<string> {
  const readJson = async (path: string): Promise<unknown> => JSON.parse(await readFile(join(root, path), 'utf8'))
  const ours = (await readJson('package.json')) as Manifest
  const { packages } = (await readJson('package-lock.json')) as { packages: Record<string, Locked> }
  const components = []
  for (const folder of packageFolders(files)) {
    const manifest = (await readJson(`${folder}/package.json`)) as Manifest
    components.push(componentOf(manifest, packages[folder] ?? {}, folder))
  }
  const component = { type: 'application', 'bom-ref': 'dayshift', name: `dayshift-${image}`, version: ours.version }
  const document = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { timestamp: madeAt.toISOString(), component: { ...component, licenses: licencesOf(ours.license) } },
    components,
    dependencies: [{ ref: 'dayshift', dependsOn: components.map((one) => one['bom-ref']) }],
  }
  return `${JSON.stringify(document, null, 2)}\n`
}

function componentOf({ name, version, license }: Manifest, { resolved, integrity }: Locked, folder: string) {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`
  const [algorithm, hash] = integrity?.split('-') ?? []
  return {
    type: 'library',
    // One version may be there twice, in two folders.
    'bom-ref': `${purl}#${folder}`,
    name,
    version,
    purl,
    licenses: licencesOf(license),
    ...(algorithm === 'sha512' && hash !== undefined && { hashes: [{ alg: 'SHA-512', content: toHex(hash) }] }),
    ...(resolved !== undefined && { externalReferences: [{ type: 'distribution', url: resolved }] }),
    properties: [{ name: 'cdx:npm:package:path', value: folder }],
  }
}

/** A package says an SPDX identifier or an SPDX expression; old ones say something else. */
function licencesOf(license: unknown): object[] {
  if (typeof license !== 'string') return []
  if (/^[\w.+-]+$/.test(license)) return [{ license: { id: license } }]
  return / (OR|AND|WITH) /.test(license) ? [{ expression: license }] : [{ license: { name: license } }]
}

const toHex = (base64: string): string => Buffer.from(base64, 'base64').toString('hex')
