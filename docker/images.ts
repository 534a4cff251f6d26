import { readFile, writeFile } from 'node:fs/promises'
import { type ImagePin, imagePins, pinned, pinText } from './image-pins.ts'
import { getDigest, RegistryError } from './registry.ts'

const USAGE = `Usage: npm run images [-- pin]

Without a word it lists the images that are used and not built here. With "pin" it asks their registries for the
digests and writes them to docker/images.json, docker/Dockerfile and docker-compose.yml.`

const list = new URL('images.json', import.meta.url)
const users = ['Dockerfile', '../docker-compose.yml'].map((file) => new URL(file, import.meta.url))

/** Asks for all before it writes any: half a list of pins would be worse than the old one. */
async function pinImages(): Promise<void> {
  const pins: ImagePin[] = []
  for (const pin of imagePins) pins.push({ ...pin, digest: await getDigest(pin.image) })
  await writeFile(list, `${JSON.stringify(pins, null, 2)}\n`)
  for (const file of users) {
    const text = await readFile(file, 'utf8')
    await writeFile(file, pins.reduce(pinText, text))
  }
  for (const pin of pins) console.log(pinned(pin))
}

const [word, ...more] = process.argv.slice(2)
if ((word !== undefined && word !== 'pin') || more.length > 0) {
  console.error(USAGE)
  process.exitCode = 1
} else if (word === undefined) {
  for (const pin of imagePins) console.log(pinned(pin))
} else {
  try {
    await pinImages()
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    console.error(`images: ${error.message} Nothing was changed.`)
    process.exitCode = 1
  }
}
