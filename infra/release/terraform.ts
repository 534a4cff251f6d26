import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { z } from 'zod'
import { parseRelease } from '../src/release.ts'
import { type Applied, Interrupted, ReleaseError, type Terraform } from './ports.ts'

export interface TerraformOptions {
  environment: string
  /** The folder `infra`. */
  infra: string
  /** Where the stacks are written, and Terraform works. */
  out: string
  /** What both the synthesis and Terraform get: the path, credentials, where the state is. */
  env: NodeJS.ProcessEnv
  /** What an apply says goes to the terminal. */
  isShown: boolean
  signal: AbortSignal
}

const text = z.object({ value: z.string() })
/** As the stack says it. */
const Outputs = z.object({
  release: text.optional(),
  address: text,
  migration_task: text,
  migration_log: text,
  task_subnets: z.object({ value: z.array(z.string()) }),
  task_group: text,
  task_public_ip: z.object({ value: z.boolean() }),
})

/** Terraform itself, on what the program synthesizes: the command line of cdktf adds nothing here, and is for one version of Node. */
export function openTerraform(options: TerraformOptions): Terraform {
  const { environment, infra, out, env, isShown, signal } = options
  let isReady = false

  const run = (command: string, args: string[], shown: boolean): Promise<string> =>
    runProgram({ command, args, cwd: infra, shown, signal, env: { ...env, ENVIRONMENT: environment, CDKTF_OUTDIR: out, TF_IN_AUTOMATION: '1' } }) // prettier-ignore
  const terraform = (shown: boolean, ...args: string[]): Promise<string> =>
    run('terraform', [`-chdir=${join(out, 'stacks', environment)}`, ...args], shown)
  const synthesize = (): Promise<string> => run(process.execPath, ['--disable-warning=DEP0044', 'src/main.ts'], false)
  const prepare = async (): Promise<void> => {
    await synthesize()
    // The state is where the settings say, whatever was tried in this folder before: it is not moved.
    if (!isReady) await terraform(false, 'init', '-reconfigure', '-input=false', '-no-color')
    isReady = true
  }
  return {
    readApplied: async () => {
      if (!isReady) await prepare()
      return readOutputs(await terraform(false, 'output', '-json'), environment)
    },
    apply: async () => {
      await prepare()
      await terraform(isShown, 'apply', '-input=false', '-auto-approve')
    },
  }
}

/** Exported for its test. */
export function readOutputs(json: string, environment: string): Applied | undefined {
  const outputs: unknown = JSON.parse(json)
  if (Object.keys(outputs as object).length === 0) return undefined
  const parsed = Outputs.safeParse(outputs)
  if (!parsed.success)
    throw new ReleaseError(
      `The outputs of the stack ${environment} are not those that this command needs; it was applied by another version, or only in part:\n` +
        `${z.prettifyError(parsed.error)}\nApply it once: npm run release -- apply --env ${environment}`,
    )
  const { release, address, migration_task, migration_log, task_subnets, task_group, task_public_ip } = parsed.data
  return {
    release: release && parseRelease(JSON.parse(release.value)),
    address: address.value,
    migration: {
      taskDefinitionArn: migration_task.value,
      logGroup: migration_log.value,
      subnetIds: task_subnets.value,
      groupId: task_group.value,
      publicIp: task_public_ip.value,
    },
  }
}

interface Program {
  command: string
  args: string[]
  cwd: string
  env: NodeJS.ProcessEnv
  /** Its output goes to the terminal. */
  shown: boolean
  signal: AbortSignal
}

/**
 * Runs a program to its end, also when somebody interrupts: it stands in a process group of its own and gets the interrupt once, for
 * at a second one Terraform leaves everything lying, its lock too.
 */
function runProgram({ command, args, cwd, env, shown, signal }: Program): Promise<string> {
  if (signal.aborted) return Promise.reject(new Interrupted())
  return new Promise((resolve, reject) => {
    const output = shown ? 'inherit' : 'pipe'
    const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', output, output] })
    let [stdout, stderr] = ['', '']
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk))
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk))
    const interrupt = (): void => void child.kill('SIGINT')
    signal.addEventListener('abort', interrupt, { once: true })
    child.on('error', (error) => {
      signal.removeEventListener('abort', interrupt)
      reject(new ReleaseError(`${command} cannot be started: ${error.message}. Is it installed and on the PATH?`))
    })
    child.on('close', (code, killedBy) => {
      signal.removeEventListener('abort', interrupt)
      if (code === 0) return resolve(stdout)
      const words = [command, ...args.filter((arg) => !arg.startsWith('-'))].join(' ')
      const said = shown ? 'see above' : (stderr || stdout).trim()
      const how = signal.aborted
        ? 'was interrupted and has ended what it had in hand'
        : `ended with ${code ?? killedBy}`
      reject(new ReleaseError(`${words} ${how}: ${said}`))
    })
  })
}
