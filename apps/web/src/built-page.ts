import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The folder of the built page, or undefined when it was not built. */
export function builtPage(): string | undefined {
  const folder = fileURLToPath(new URL('../ui/dist/', import.meta.url))
  return existsSync(`${folder}index.html`) ? folder : undefined
}
