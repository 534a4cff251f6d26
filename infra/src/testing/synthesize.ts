import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { App, AwsProvider, TerraformStack, Testing } from '../aws.ts'
import type { Plan } from '../environment.ts'
import type { Statement } from '../policy.ts'

/** As Terraform names them; references are text in `${…}`. */
export type Attributes = Record<string, unknown>

/** A stack as Terraform gets it. */
export interface Synthesized {
  /** All resources of a type by their names, none when there are none. */
  all(type: string): Record<string, Attributes>
  /** The resource of that type and name. Throws when there is none, and says which there are. */
  get(type: string, name: string): Attributes
  data(type: string, name: string): Attributes
  /** The statements of a policy that is an attribute of a resource. */
  statements(type: string, name: string, attribute?: string): Statement[]
  json: { resource?: Sections; data?: Sections; ephemeral?: Sections }
}
type Sections = Record<string, Record<string, Attributes>>

// An app makes its folder at once; nothing is written into it here.
const folder = join(tmpdir(), 'dayshift-synthesize')

/** What `build` makes of the plan, having passed cdktf's own validations. */
export function synthesize(plan: Plan, build: (stack: TerraformStack, plan: Plan) => unknown): Synthesized {
  const stack = new TerraformStack(new App({ outdir: folder }), 'test')
  new AwsProvider(stack, 'aws', { region: plan.region })
  build(stack, plan)
  return terraformOf(stack)
}

/** What Terraform gets of a stack, having passed cdktf's own validations. */
export function terraformOf(stack: TerraformStack): Synthesized {
  const json = JSON.parse(Testing.synth(stack, true)) as Synthesized['json']
  const find = (from: Sections | undefined, type: string, name: string): Attributes => {
    const found = from?.[type]?.[name]
    if (!found) throw new Error(`There is no ${type}.${name}; there are ${Object.keys(from?.[type] ?? {}).join(', ')}.`)
    return found
  }
  const get = (type: string, name: string) => find(json.resource, type, name)
  return {
    json,
    get,
    all: (type) => json.resource?.[type] ?? {},
    data: (type, name) => find(json.data, type, name),
    statements: (type, name, attribute = 'policy') => JSON.parse(String(get(type, name)[attribute])).Statement,
  }
}
