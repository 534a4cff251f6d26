import type { paths } from './schema.generated.ts'

type Ok<Operation> = Operation extends { responses: { 200: { content: { 'application/json': infer Body } } } }
  ? Body
  : never
type Get<Path extends keyof paths> = paths[Path] extends { get: infer Operation } ? Ok<Operation> : never

export type ArticleRow = Get<'/api/v1/articles'>['items'][number]
export type Article = Get<'/api/v1/articles/{articleId}'>
export type Indicator = Article['indicators'][number]
export type Technique = Article['techniques'][number]
export type Summary = NonNullable<Article['summary']>
export type Source = Get<'/api/v1/sources'>['items'][number]
/** The client widens pairs to lists. */
export type Hit = Omit<Get<'/api/v1/search'>['items'][number], 'highlights'> & { highlights: number[][] }
export type JobsPage = Get<'/api/v1/jobs'>
export type JobRecord = JobsPage['items'][number]
export type JobState = JobRecord['state']
