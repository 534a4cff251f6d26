export { embedArticle } from './embed.ts'
export { embed } from './jobs.ts'
