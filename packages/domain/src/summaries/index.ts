export { summarizeArticle } from './jobs.ts'
export { findSummary } from './queries.ts'
export { summarize } from './summarize.ts'
export { Summary } from './summary.ts'
