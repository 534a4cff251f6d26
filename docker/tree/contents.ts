/** What one image is made of. */
export interface Contents {
  /** Programs that are started in it; what they reach goes in. */
  entries: string[]
  /** What no import leads to: files, or folders with all that is in them. */
  also: string[]
}

export type ImageName = 'web' | 'worker'

const everyImage = ['LICENSE', 'NOTICE', 'docker/health.mjs', 'docker/stripped.mjs']
const commands = ['migrate', 'sign-in-link', 'models', 'spending', 'backfill', 'shadow']

/** The images, by the name of their target in the Dockerfile. Paths are relative to the repository. */
export const images: Record<ImageName, Contents> = {
  web: {
    entries: ['apps/web/src/main.ts'],
    also: [...everyImage, 'apps/web/ui/dist'],
  },
  worker: {
    entries: ['apps/worker/src/main.ts', ...commands.map((command) => `apps/cli/src/${command}.ts`)],
    also: everyImage,
  },
}

/** The embedded database: 17 MB that a container, which always has a server, never loads. */
export const leftOut = ['node_modules/@electric-sql/', 'packages/storage/src/embedded/']

export const isImageName = (text: string | undefined): text is ImageName => text === 'web' || text === 'worker'
