import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const ours = `dayshift-image-test-${randomBytes(4).toString('hex')}`

/** Runs docker and gives what it printed; throws with what it complained of. */
export function docker(args: string[], input = ''): string {
  return execFileSync('docker', args, { cwd: root, input, encoding: 'utf8', maxBuffer: 64e6, stdio: ['pipe', 'pipe', 'pipe'] }).trim() // prettier-ignore
}

export function hasEngine(): boolean {
  try {
    docker(['version', '--format', '{{.Server.Version}}'])
    return true
  } catch {
    console.log('skipped: no Docker engine answers, so no image is built')
    return false
  }
}

/** A name for an image or a container of this run only. */
export const named = (what: string): string => `${ours}-${what}`

/** Builds a target and returns the id of the image. */
export function build(target: string, name: string, buildArgs: Record<string, string>, options: string[] = []): string {
  const args = Object.entries(buildArgs).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`])
  docker([
    'build',
    '--quiet',
    '--file',
    'docker/Dockerfile',
    '--target',
    target,
    '--tag',
    name,
    ...args,
    ...options,
    '.',
  ])
  return docker(['image', 'inspect', '--format', '{{.Id}}', name])
}

/** What `docker inspect` has of an image or container, at a path of its template language. */
export const inspect = (name: string, path: string): unknown =>
  JSON.parse(docker(['inspect', '--format', `{{json ${path}}}`, name])) as unknown

/** Paths of the files below /app of an image, of any platform, without running it. */
export function listFiles(image: string, platform: string): string[] {
  const container = docker(['create', '--platform', platform, image, 'none'])
  try {
    const archive = execFileSync('docker', ['cp', `${container}:/app`, '-'], { maxBuffer: 256e6 })
    return execFileSync('tar', ['-t'], { input: archive, encoding: 'utf8', maxBuffer: 64e6 }).trim().split('\n')
  } finally {
    docker(['rm', container])
  }
}

/** What counts against a container's limit: `docker stats` leaves out the pages of files that could be dropped. */
export function memoryMb(container: string): number {
  const text = docker(['stats', '--no-stream', '--format', '{{.MemUsage}}', container])
  const [, number, unit = ''] = /^([\d.]+)(KiB|MiB|GiB)/.exec(text) ?? []
  return (Number(number) * ({ KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }[unit] ?? Number.NaN)) / 1e6
}

/** Ends what this run has started and built; the rest of the engine is not ours. */
export function removeAll(): void {
  const containers = docker(['ps', '--all', '--quiet', '--filter', `name=${ours}`])
    .split('\n')
    .filter(Boolean)
  if (containers.length > 0) docker(['rm', '--force', '--volumes', ...containers])
  const images = docker(['image', 'ls', '--format', '{{.Repository}}']).split('\n')
  const built = images.filter((image) => image.startsWith(ours))
  if (built.length > 0) docker(['image', 'rm', '--force', ...built])
}
