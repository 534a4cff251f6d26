export { saveTestArticle, saveTestSource, type TestArticle } from './articles.ts'
export { corpus, corpusIsAbsent, type CorpusServer, serveCorpus } from './corpus.ts'
export { jobTools, openTestContext, type TestContext, type TestContextOptions, useTestContext } from './context.ts'
export { type Answer, type FeedServer, rss, type RssItem, serveFeeds } from './feed-server.ts'
