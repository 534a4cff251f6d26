import type { Statement } from '../src/policy.ts'
import type { Rule } from './rule.ts'
import type { Resource, Subject } from './subject.ts'

/** trust: who may become a role. identity: what a role may do. resource: who may do what with a thing. */
type Kind = 'trust' | 'identity' | 'resource'

export interface Policy {
  resource: Resource
  kind: Kind
  statements: Statement[]
}

const identityTypes = ['aws_iam_role_policy', 'aws_iam_policy', 'aws_iam_user_policy', 'aws_iam_group_policy']

/** All policies of a stack that can be read. */
export const policiesOf = (subject: Subject): Policy[] =>
  textsOf(subject).flatMap(({ resource, kind, text }) => {
    const statements = read(text)
    return statements ? [{ resource, kind, statements }] : []
  })

function textsOf(subject: Subject): { resource: Resource; kind: Kind; text: unknown }[] {
  return subject.of().flatMap((resource) => {
    const { type, attributes } = resource
    // What a registry or AWS Backup calls a policy says what is kept, not who may do what.
    const policy = type === 'aws_ecr_lifecycle_policy' ? undefined : attributes.policy
    const kind: Kind = identityTypes.includes(type) ? 'identity' : 'resource'
    return [
      ...(policy === undefined ? [] : [{ resource, kind, text: policy }]),
      ...(attributes.assume_role_policy === undefined
        ? []
        : [{ resource, kind: 'trust' as const, text: attributes.assume_role_policy }]),
    ]
  })
}

function read(text: unknown): Statement[] | undefined {
  try {
    const { Statement: statements } = JSON.parse(String(text)) as { Statement: Statement[] }
    return Array.isArray(statements) ? statements : undefined
  } catch {
    return undefined
  }
}

export const listOf = (oneOrMore: string | string[] | undefined): string[] =>
  oneOrMore === undefined ? [] : Array.isArray(oneOrMore) ? oneOrMore : [oneOrMore]

/** Names of those whom a statement is about, `*` for everybody. */
export const principalsOf = ({ Principal: principal }: Statement): { kind: string; name: string }[] =>
  principal === undefined
    ? []
    : typeof principal === 'string'
      ? [{ kind: 'AWS', name: principal }]
      : Object.entries(principal).flatMap(([kind, names]) => listOf(names).map((name) => ({ kind, name })))

/** Values that the statement's conditions ask for under a key, whatever the operator; keys are not case-sensitive. */
export const conditionValues = (
  { Condition: condition = {} }: Statement,
  key: string,
  operator: RegExp = /^(String|Arn)(Equals|Like)$/,
): string[] =>
  Object.entries(condition)
    .filter(([name]) => operator.test(name))
    .flatMap(([, wanted]) => Object.entries(wanted))
    .filter(([name]) => name.toLowerCase() === key.toLowerCase())
    .flatMap(([, wanted]) => listOf(wanted))

/** Whether a pattern of actions grants an action: AWS takes `*` and `?`, and small letters for capital ones. */
export const grants = (pattern: string, action: string): boolean =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    'i',
  ).test(action)

export const policyReadable: Rule = {
  id: 'policy-readable',
  says: 'Every policy is JSON in the stack, where these rules can read it.',
  sources: ['without it the rules about policies would see nothing'],
  check: (subject) =>
    textsOf(subject)
      .filter(({ text }) => read(text) === undefined)
      .map(({ resource, text }) => ({
        address: resource.address,
        expected: 'a policy in JSON, such as policyDocument() writes',
        came: String(text).startsWith('${') ? 'a reference' : 'text that is no policy',
      })),
}
