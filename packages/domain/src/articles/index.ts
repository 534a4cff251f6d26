export { Article, ArticleId, ArticleRevision, ArticleRow } from './article.ts'
export { ingest } from './jobs.ts'
export {
  type ArticleCursor,
  type ArticleFilter,
  type ArticleText,
  findArticle,
  getArticle,
  getArticleText,
  listArticles,
  listArticlesById,
  listRevisions,
} from './queries.ts'
