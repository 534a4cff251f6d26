import { Annotations, Aspects, type IAspect, TerraformStack } from '../src/aws.ts'
import type { Plan } from '../src/environment.ts'
import { checkStack, sentenceOf } from './check.ts'
import type { StackJson } from './subject.ts'

type Construct = Parameters<IAspect['visit']>[0]

/** Looks at the finished stack, once, before it is written; what breaks a rule stops the synthesis. */
class RulesAspect implements IAspect {
  readonly #plan: Plan | undefined

  constructor(plan: Plan | undefined) {
    this.#plan = plan
  }

  visit(node: Construct): void {
    if (!TerraformStack.isStack(node)) return
    // As Terraform gets it: without what is undefined.
    const json = JSON.parse(
      JSON.stringify(node.toTerraform(), (key, value) => (key === '//' ? undefined : value)),
    ) as StackJson
    for (const broken of checkStack(json, this.#plan).broken) Annotations.of(node).addError(sentenceOf(broken))
  }
}

/** Holds a stack to the rules. A stack of the account has no plan. */
export const holdToRules = (stack: TerraformStack, plan?: Plan): void => Aspects.of(stack).add(new RulesAspect(plan))
