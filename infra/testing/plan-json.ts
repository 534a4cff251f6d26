import { openWorkspace } from './terraform.ts'

/**
 * The plan of a synthesized stack as `terraform show -json` prints it, made from nothing: no state, no network. Throws with what
 * Terraform said when it refuses the stack.
 * @param dir the folder with cdk.tf.json; it is read and not written to.
 */
export async function planJson(dir: string): Promise<unknown> {
  await using workspace = await openWorkspace(dir)
  await workspace.succeed('plan', '-input=false', '-out=plan.bin')
  return JSON.parse(await workspace.succeed('show', '-json', 'plan.bin')) as unknown
}
