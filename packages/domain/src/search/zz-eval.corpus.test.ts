import { ingest, listArticles, getArticle, getArticleText, type ArticleCursor } from '@dayshift/domain/articles'
import { embedArticle } from '@dayshift/domain/embeddings'
import { extractIndicators } from '@dayshift/domain/indicators'
import { addSource, poll } from '@dayshift/domain/sources'
import { type CorpusServer, jobTools, serveCorpus, useTestContext } from '@dayshift/domain/testing'
import { splitSentences } from '@dayshift/llm'
import { afterAll, beforeAll, test } from 'vitest'
import { search } from './search.ts'
let server: CorpusServer
beforeAll(async () => { server = await serveCorpus() })
afterAll(() => server.close())
const open = useTestContext(() => ({ allowOrigins: [server.origin] }))
test('eval', async () => {
  for (const url of server.feeds) {
    const { id } = await addSource(open(), { url }, url.endsWith('/') ? 'page' : 'feed')
    const { keys } = await poll.run(open(), { sourceId: id }, jobTools)
    for (const key of keys) await ingest.run(open(), { sourceId: id, key }, jobTools)
  }
  const all = []
  let cursor: ArticleCursor | undefined
  do {
    const { articles, next } = await listArticles(open().db, { limit: 50, cursor })
    for (const { id } of articles) all.push(await getArticle(open().db, id))
    cursor = next
  } while (cursor)
  for (const { id } of all) { await embedArticle(open(), id); await extractIndicators(open(), await getArticleText(open().db, id)) }
  const score = { title1: 0, sent1: 0, sent10: 0, word1: 0, passage1: 0, passage10: 0, typo1: 0, typo10: 0, n: all.length }
  let t = performance.now()
  const noise: number[] = []
  for (const a of all) {
    const rank = async (q: string) => (await search(open(), { q, limit: 10 })).findIndex((h) => h.article.id === a.id || h.article.title === a.title)
    if ((await rank(a.title)) === 0) score.title1++
    const sentences = splitSentences(a.text).filter((s) => s.text.length > 60 && s.text.length < 300)
    const mid = sentences[Math.floor(sentences.length / 2)]
    if (mid) { const r = await rank(mid.text); if (r === 0) score.sent1++; if (r >= 0) score.sent10++; else console.log('miss', mid.text.slice(0, 100)) }
    const at = Math.floor(a.text.length / 3)
    const r = await rank(a.text.slice(at, at + 1500)); if (r === 0) score.passage1++; if (r >= 0) score.passage10++
    const typo = a.title.split(' ').map((w) => w.length > 5 ? w.slice(0, 3) + w.slice(4) : w).join(' ')
    const y = await rank(typo); if (y === 0) score.typo1++; if (y >= 0) score.typo10++
  }
  console.log(score, Math.round(performance.now() - t))
  for (const q of ['zzxqj', 'banana pancake recipe', 'kerberoastng', 'emotett', 'weather in paris tomorrow', 'credential dumping', 'football', 'Sandwrm', 'qwertyuiop asdfgh'])
    console.log(q, (await search(open(), { q, limit: 3 })).map((h) => [h.article.title.slice(0, 40), h.score.toFixed(4), h.matched.join()]))
  const { llm, db } = open()
  const { sql } = await import('kysely')
  const { toVector } = await import('@dayshift/storage')
  for (const q of ['zzxqj', 'banana pancake recipe', 'kerberoastng', 'emotett', 'weather in paris tomorrow', 'credential dumping', 'football', 'Sandwrm', 'qwertyuiop asdfgh', 'Mimikats', 'ransomwear']) {
    const { vectors } = await llm.embed({ texts: [q], purpose: 'query' })
    const { rows } = await sql<{ d: number }>`select -(embedding <#> ${toVector(vectors[0]!)}::vector) as d from passage_vector order by embedding <#> ${toVector(vectors[0]!)}::vector limit 100`.execute(db)
    console.log(q, [0, 1, 4, 9, 49, 99].map((n) => rows[n]?.d.toFixed(3)).join(' '))
  }
})
