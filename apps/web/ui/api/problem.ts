/** What the server says about an error (RFC 9457), or what we say when it says nothing. */
export class ProblemError extends Error {
  override name = 'ProblemError'
  readonly status: number
  readonly title: string
  readonly requestId: string | undefined
  readonly fields: readonly { field: string; message: string }[]

  constructor(problem: {
    status: number
    title: string
    detail: string
    requestId?: string
    fields?: readonly { field: string; message: string }[]
  }) {
    super(problem.detail)
    this.status = problem.status
    this.title = problem.title
    this.requestId = problem.requestId
    this.fields = problem.fields ?? []
  }
}

export const notReachable = (): ProblemError =>
  new ProblemError({
    status: 0,
    title: 'The server does not answer',
    detail: 'Dayshift could not be reached. Check that it is running and that you are connected.',
  })

/** The problem in an answer that is not a success; any body will do. */
export async function readProblem(response: Response): Promise<ProblemError> {
  const body: unknown = await response.json().catch(() => undefined)
  const text = (name: string): string | undefined => {
    const value = body !== null && typeof body === 'object' ? (body as Record<string, unknown>)[name] : undefined
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const requestId = text('requestId') ?? response.headers.get('x-request-id') ?? undefined
  return new ProblemError({
    status: response.status,
    title: text('title') ?? 'Something went wrong',
    detail: text('detail') ?? `The server answered ${response.status} without saying why.`,
    fields: readFields(body),
    ...(requestId !== undefined && { requestId }),
  })
}

function readFields(body: unknown): { field: string; message: string }[] {
  const { errors } = (body ?? {}) as { errors?: unknown }
  if (!Array.isArray(errors)) return []
  return errors.filter(
    (error): error is { field: string; message: string } =>
      typeof error?.field === 'string' && typeof error?.message === 'string',
  )
}
