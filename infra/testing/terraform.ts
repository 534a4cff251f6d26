import { execFile, execFileSync } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startProvider, type StubProvider } from './provider.ts'
import type { TerraformJson } from './schema.ts'

/** The version of the Terraform on the PATH; undefined when there is none. */
export const terraformVersion: string | undefined = findVersion()

/** For `describe.skipIf`: these tests need Terraform. */
export const withoutTerraform = terraformVersion === undefined

function findVersion(): string | undefined {
  try {
    const output = execFileSync('terraform', ['version', '-json'], {
      env: terraformEnvironment(),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return (JSON.parse(output) as { terraform_version: string }).terraform_version
  } catch {
    return undefined
  }
}

/** What a command printed and how it ended. */
interface Outcome {
  code: number
  stdout: string
  stderr: string
}

/** A folder with one stack, made ready by `terraform init`, and a Terraform that talks to the stub provider. State is kept in the folder. */
export interface Workspace extends AsyncDisposable {
  dir: string
  provider: StubProvider
  terraform: (...args: string[]) => Promise<Outcome>
  /** Answers with what Terraform printed, and throws with what it said when it fails or warns. */
  succeed: (...args: string[]) => Promise<string>
  /** What the state file holds, as text. */
  readState: () => Promise<string>
}

/** Makes a workspace of a synthesized stack: the object of `cdk.tf.json`, or a folder that holds the file and what it refers to. */
export async function openWorkspace(stack: object | string): Promise<Workspace> {
  const dir = await mkdtemp(join(tmpdir(), 'dayshift-terraform-'))
  if (typeof stack === 'string') await cp(stack, dir, { recursive: true })
  else await writeFile(join(dir, 'cdk.tf.json'), JSON.stringify(stack))
  await useLocalState(dir)
  const provider = await startProvider(await readStack(dir))
  const environment = terraformEnvironment(provider)
  const terraform = ([command = '', ...args]: string[]): Promise<Outcome> =>
    run('terraform', [`-chdir=${dir}`, command, '-no-color', ...args], environment)
  const succeed = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await terraform(args)
    if (code === 0 && stderr === '') return stdout
    throw new Error(`Expected terraform ${args.join(' ')} to succeed; it ended with ${code}: ${stderr}${stdout}`)
  }
  const workspace: Workspace = {
    dir,
    provider,
    terraform: (...args) => terraform(args),
    succeed,
    readState: () => readFile(join(dir, 'terraform.tfstate'), 'utf8'),
    [Symbol.asyncDispose]: async () => {
      await provider[Symbol.asyncDispose]()
      await rm(dir, { recursive: true, force: true })
    },
  }
  await succeed('init', '-input=false').catch(async (error: unknown) => {
    await workspace[Symbol.asyncDispose]()
    throw error
  })
  return workspace
}

/** Terraform takes a file that ends so after all others, and its backend in place of theirs. */
async function useLocalState(dir: string): Promise<void> {
  const override = { terraform: { backend: { local: { path: 'terraform.tfstate' } } } }
  await writeFile(join(dir, 'backend_override.tf.json'), JSON.stringify(override))
}

export async function readStack(dir: string): Promise<TerraformJson> {
  return JSON.parse(await readFile(join(dir, 'cdk.tf.json'), 'utf8')) as TerraformJson
}

/**
 * The environment of a Terraform that may not reach the network: no check for news, no credentials, no configuration of the user's,
 * and a proxy that nobody serves, unless the caller gives another.
 */
export function terraformEnvironment(provider?: StubProvider, proxy = 'http://127.0.0.1:9'): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(TF_|AWS_|CDKTF_|.*_proxy$)/i.test(name))
  return {
    ...Object.fromEntries(kept),
    CHECKPOINT_DISABLE: '1',
    TF_IN_AUTOMATION: '1',
    HTTP_PROXY: proxy,
    HTTPS_PROXY: proxy,
    NO_PROXY: '',
    ...(provider ? { TF_REATTACH_PROVIDERS: provider.reattach } : {}),
  }
}

/** Runs a command to its end. A failure is an outcome, not an exception. */
export function run(command: string, args: string[], env: NodeJS.ProcessEnv, cwd?: string): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(command, args, { env, cwd, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? 1) || 1 : 0, stdout, stderr }),
    )
  })
}
