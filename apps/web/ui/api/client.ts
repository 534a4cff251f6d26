import createClient from 'openapi-fetch'
import { notReachable, readProblem } from './problem.ts'
import type { paths } from './schema.generated.ts'

/** The API by the types of its OpenAPI document. Every answer that is not a success is thrown as ProblemError. */
export const api = createClient<paths>()

api.use({
  onResponse: async ({ response }) => {
    if (!response.ok) throw await readProblem(response)
  },
  onError: ({ error }) => (error instanceof DOMException && error.name === 'AbortError' ? error : notReachable()),
})

/** The body of a success. */
export async function dataOf<Data>(call: Promise<{ data?: Data }>): Promise<NonNullable<Data>> {
  const { data } = await call
  if (data === undefined || data === null) throw notReachable()
  return data
}
