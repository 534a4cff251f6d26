import type { ShadowSide, ShadowStore } from '@dayshift/llm'
import type { Db } from '@dayshift/storage'
import { sql } from 'kysely'

/** Keeps pairs of answers in the database, for the comparison. */
export function createShadowStore(db: Db): ShadowStore {
  return {
    async keep({ id, feature, promptVersion, requestHash, askedAt, first, second }) {
      const answers = [
        { side: 'first', ...toRow(first) },
        { side: 'second', ...toRow(second) },
      ]
      await sql`
        with pair as (
          insert into shadow_pair (id, feature, prompt_version, request_sha256, asked_at)
          values (${id}, ${feature}, ${promptVersion}, ${requestHash}, ${askedAt})
          returning id
        )
        insert into shadow_answer (pair_id, side, provider, model, text, error, valid_json, took_ms, first_piece_ms,
          input_tokens, output_tokens, cost_usd)
        select pair.id, answer.*
        from pair, jsonb_to_recordset(${JSON.stringify(answers)}::jsonb) as answer (side text, provider text, model text,
          text text, error text, valid_json boolean, took_ms double precision, first_piece_ms double precision,
          input_tokens int, output_tokens int, cost_usd numeric)`.execute(db)
    },
  }
}

const toRow = ({ provider, model, text, error, validJson, tookMs, firstPieceMs, usage, costUsd }: ShadowSide) => ({
  provider,
  model,
  text: text === null ? null : writable(text),
  error: error === null ? null : writable(error),
  valid_json: validJson,
  took_ms: tookMs,
  first_piece_ms: firstPieceMs,
  input_tokens: usage && usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens,
  output_tokens: usage && usage.outputTokens,
  cost_usd: costUsd,
})

/** PostgreSQL keeps neither U+0000 nor half a character. */
const writable = (text: string): string => text.toWellFormed().replaceAll('\u0000', '\ufffd')
