/** A place in two synthesized stacks where they differ. `undefined` stands for nothing. */
export interface Difference {
  path: string
  left: unknown
  right: unknown
}

/** What may differ when only the bindings were exchanged: who wrote the stack, and for which provider. */
const expectedPaths = [/^\/\/\.metadata\.version$/, /^terraform\.required_providers\.aws\.(source|version)$/]

/** Whether a difference says no more than that the bindings are others. */
export const isExpected = ({ path }: Difference): boolean => expectedPaths.some((pattern) => pattern.test(path))

/** Lists where two JSON values differ, member by member. */
export function listDifferences(left: unknown, right: unknown, path = ''): Difference[] {
  if (Object.is(left, right)) return []
  if (!isComposed(left) || !isComposed(right) || Array.isArray(left) !== Array.isArray(right))
    return [{ path, left, right }]
  const names = new Set([...Object.keys(left), ...Object.keys(right)])
  return [...names].flatMap((name) => listDifferences(left[name], right[name], path === '' ? name : `${path}.${name}`))
}

function isComposed(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
