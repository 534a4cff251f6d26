import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)
const options = { maxBuffer: 64 * 1024 * 1024 }

/** Standard output of the Docker command. Throws with what it wrote to standard error. */
export async function docker(...args: string[]): Promise<string> {
  const { PATH = '', HOME = '', DOCKER_HOST, DOCKER_CONTEXT } = process.env
  // Nothing else of our environment: Compose would read its variables from it.
  const env = { PATH, HOME, ...(DOCKER_HOST && { DOCKER_HOST }), ...(DOCKER_CONTEXT && { DOCKER_CONTEXT }) }
  try {
    return (await run('docker', args, { ...options, env })).stdout.trim()
  } catch (error) {
    const { stderr = '', stdout = '' } = error as { stderr?: string; stdout?: string }
    throw new Error(`docker ${args.join(' ')}\n${stdout.slice(-2000)}\n${stderr.slice(-4000)}`, { cause: error })
  }
}

export const hasImage = (image: string): Promise<boolean> =>
  docker('image', 'inspect', image).then(
    () => true,
    () => false,
  )

/** Why containers cannot be tested here; undefined when they can. */
export const noEngine = ((): string | undefined => {
  try {
    execFileSync('docker', ['version', '--format', '{{.Server.Version}}'], { stdio: 'pipe', timeout: 20_000 })
    execFileSync('docker', ['compose', 'version'], { stdio: 'pipe', timeout: 20_000 })
    return undefined
  } catch {
    return 'no Docker engine with Compose answers here'
  }
})()
