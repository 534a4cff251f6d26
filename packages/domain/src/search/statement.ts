import type { Db } from '@dayshift/storage'
import { sql, type RawBuilder } from 'kysely'

export interface Question {
  /** The question with indicators written plainly. */
  words: string
  /** The question as one indicator value, lower case. */
  indicator: string
  /** The question's vector in pgvector's text form, and the space it lives in; absent while no model answers. */
  meaning?: { vector: string; spaceId: string } | undefined
  sourceId?: string | undefined
  limit: number
}

export interface FusedHit {
  articleId: string
  passageId: string | null
  score: number
  matched: string[]
}

// Reciprocal rank fusion (Cormack, Clarke, Büttcher 2009): 1 / (60 + rank), summed over the lists.
const K = 60
// A word in more passages than this tells little; it is left out while rarer ones are there.
const COMMON = 500

// A title with this share of the question's words may be what is asked for; one word of a long question says little.
const NAMING = 0.3

/**
 * Words, meaning, titles and indicators in one statement, fused by reciprocal rank.
 * `terms` weighs each word by its rarity, ln(N / n); the word list sums the weights of the words that a passage has.
 * `d + 0` keeps the planner from trusting the order of an approximate index scan.
 */
export async function searchPassages(
  db: Db,
  { words, indicator, meaning, sourceId, limit }: Question,
): Promise<FusedHit[]> {
  const ofSource = (table: string): RawBuilder<unknown> =>
    sourceId === undefined ? sql`` : sql`and ${sql.ref(`${table}.source_id`)} = ${sourceId}`
  const near = meaning
    ? sql`
      select passage_id, article_id, embedding <#> ${meaning.vector}::vector as d
      from passage_vector
      where space_id = ${meaning.spaceId} ${ofSource('passage_vector')}
      order by embedding <#> ${meaning.vector}::vector
      limit 100`
    : sql`select null::uuid as passage_id, null::uuid as article_id, 0::float8 as d where false`
  const { rows } = await sql<FusedHit>`
    with total as materialized (
      select greatest(count(*), 1)::float8 as passages from (select 1 from passage_words limit 100000) sample
    ), terms as materialized (
      select query, seen, ln(1 + total.passages / seen) as weight
      from total, (
        select query, (select count(*) from (
          select 1 from passage_words where words @@ query limit ${COMMON + 1}
        ) capped)::float8 as seen
        from (
          select quote_literal(lexeme)::tsquery as query
          from unnest(tsvector_to_array(to_tsvector('english', ${words}))) lexeme
          order by length(lexeme) desc, lexeme
          limit 64
        ) asked
      ) counted
      where seen > 0
      order by seen, query
      limit 12
    ), chosen as materialized (
      select query, weight from terms
      where seen <= ${COMMON} or (select count(*) from terms where seen <= ${COMMON}) < 3
    ), word_hits as materialized (
      select passage_id, article_id, sum(weight) as weight
      from chosen, lateral (
        select passage_id, article_id from passage_words where words @@ chosen.query ${ofSource('passage_words')} limit 2000
      ) found
      group by passage_id, article_id
      order by weight desc, passage_id
      limit 100
    ), near as materialized (
      ${near}
    ), title_hits as materialized (
      select id as article_id,
        lower(title) = lower(${words}) as same,
        title_words @@ plainto_tsquery('english', ${words}) as all_words,
        ts_rank(title_words, any_word, 2) as rank,
        (length(title_words) - length(ts_delete(title_words, lexemes)))::float8 / cardinality(lexemes) as share
      from article, (
        select string_agg(quote_literal(lexeme), ' | ')::tsquery as any_word, array_agg(lexeme) as lexemes
        from unnest(tsvector_to_array(to_tsvector('english', ${words}))) lexeme
      ) asked
      where title_words @@ any_word ${ofSource('article')}
      order by same desc, all_words desc, rank desc, article_id
      limit 50
    ), lists as (
      select 'words' as list, article_id, row_number() over (order by weight desc, article_id) as rank, 1.0 as trust
      from (select article_id, max(weight) as weight from word_hits group by article_id) best
      union all
      select 'meaning', article_id, row_number() over (order by d + 0, article_id), 1.0
      from (select article_id, min(d) as d from near group by article_id) best
      union all
      select 'title', article_id, row_number() over (order by same desc, all_words desc, rank desc, article_id),
        case when same then 4.0 when all_words then 2.0 when share >= ${NAMING} then 0.5 else 0.5 * share * share end
      from title_hits
      union all
      select 'indicator', article_id, row_number() over (order by sort_at desc, article_id), 4.0
      from (
        select distinct indicator.article_id, article.sort_at
        from indicator join article on article.id = indicator.article_id
        where indicator.value = ${indicator} ${ofSource('article')}
        order by article.sort_at desc limit 50
      ) known
    ), fused as (
      select article_id, sum(trust / (${K} + rank))::float8 as score, array_agg(distinct list) as matched
      from lists group by article_id
      order by score desc, article_id
      limit ${limit}
    )
    select fused.article_id as "articleId", score, matched, coalesce(
      (select passage_id from word_hits where word_hits.article_id = fused.article_id order by weight desc, passage_id limit 1),
      (select passage_id from near where near.article_id = fused.article_id order by d + 0, passage_id limit 1),
      (select id from passage where passage.article_id = fused.article_id order by position limit 1)
    ) as "passageId"
    from fused
    order by score desc, "articleId"`.execute(db)
  return rows
}
