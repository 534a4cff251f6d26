import type { ColumnType, Generated, GeneratedAlways } from 'kysely'

/** The rows of every table, as the migrations make them; `tables.test.ts` holds the two together. */
export interface Tables {
  account: {
    id: string
    name: string
    role: 'administrator'
    password_hash: string | null
    created_at: Generated<Date>
    disabled_at: Date | null
  }
  sign_in_link: { token_sha256: string; account_id: string; expires_at: Date; used_at: Date | null }
  api_token: {
    id: string
    account_id: string
    name: string
    token_sha256: string
    scope: 'read' | 'write'
    created_at: Generated<Date>
    last_used_at: Date | null
    expires_at: Date | null
    revoked_at: Date | null
  }
  setting: { name: string; value: Json; changed_at: Generated<Date> }
  outbox: {
    id: GeneratedAlways<string>
    job: string
    queue: string
    input: Json
    dedupe_key: string | null
    priority: Generated<number>
    run_at: Generated<Date>
    state: Generated<'waiting' | 'sent' | 'running' | 'done' | 'dead'>
    attempts: Generated<number>
    progress: Json | null
    error: string | null
    created_at: Generated<Date>
    sent_at: Date | null
    started_at: Date | null
    finished_at: Date | null
  }
  source: {
    id: string
    kind: 'feed' | 'page' | 'samples'
    title: string
    url: string
    site_url: string | null
    category: string | null
    active: Generated<boolean>
    check_every_s: Generated<number>
    etag: string | null
    last_modified: string | null
    body_sha256: string | null
    outcome: string | null
    outcome_detail: string | null
    failures: Generated<number>
    next_check_at: Generated<Date>
    last_checked_at: Date | null
    last_success_at: Date | null
    created_at: Generated<Date>
  }
  article: {
    id: string
    source_id: string
    url: string
    identity: string
    title: string
    author: string | null
    language: string | null
    published_at: Date | null
    discovered_at: Date
    changed_at: Date
    sort_at: GeneratedAlways<Date>
    revision: Generated<number>
    text: string
    html: string
    text_sha256: string
    text_from: 'feed' | 'page'
    word_count: number
    hidden_characters: Generated<number>
    title_words: GeneratedAlways<string>
  }
  article_revision: {
    article_id: string
    revision: number
    title: string
    text: string
    text_sha256: string
    raw_object: string | null
    created_at: Date
  }
  source_item: {
    source_id: string
    key: string
    url: string | null
    fingerprint: string
    entry: Json | null
    outcome: 'queued' | 'article' | 'revision' | 'unchanged' | 'duplicate' | 'skipped' | 'failed'
    reason: string | null
    article_id: string | null
    failures: Generated<number>
    seen_at: Generated<Date>
    settled_at: Date | null
  }
  indicator: {
    article_id: string
    kind: string
    value: string
    written: string
    start_offset: number
    end_offset: number
    occurrences: Generated<number>
    defanged: Generated<boolean>
    derived: Generated<boolean>
  }
  article_technique: {
    article_id: string
    technique_id: string
    name: string
    basis: 'id' | 'name'
    written: string
    start_offset: number
    end_offset: number
    occurrences: Generated<number>
  }
  summary: {
    article_id: string
    revision: number
    text: string
    provider: string
    model: string
    prompt_version: string
    input_tokens: number
    output_tokens: number
    cost_usd: ColumnType<string | null, number | null, number | null>
    created_at: Date
  }
  embedding_space: {
    id: string
    provider: string
    model: string
    dimensions: number
    source_dimensions: number
    version: string
    state: Generated<'active' | 'filling' | 'old'>
    changed_at: Generated<Date>
    created_at: Generated<Date>
  }
  passage: {
    id: string
    article_id: string
    revision: number
    position: number
    start_offset: number
    end_offset: number
    text: string
  }
  passage_words: { passage_id: string; article_id: string; source_id: string; day: string; words: string }
  passage_vector: {
    passage_id: string
    space_id: string
    article_id: string
    source_id: string
    day: string
    embedding: string
  }
  budget: {
    id: string
    what: 'all' | 'feature' | 'account'
    subject: string | null
    period: 'day' | 'month'
    limit_usd: Money
    from_environment: Generated<boolean>
  }
  budget_period: {
    id: GeneratedAlways<string>
    budget_id: string
    starts_on: string
    spent_usd: Money
    reserved_usd: Money
  }
  model_call: {
    id: string
    request_id: string
    attempt: number
    operation: 'complete' | 'stream' | 'embed' | 'batch'
    feature: string
    account_id: string | null
    provider: string
    model: string
    scope: 'region' | 'geo' | 'global'
    tier: string
    prompt_version: string | null
    started_at: Date
    due_at: Date
    free: boolean
    worst_case_usd: Money | null
    period_ids: Generated<string[]>
    state: 'open' | 'unsure' | 'settled'
    result: string | null
    cost_usd: Money | null
    input_tokens: number | null
    output_tokens: number | null
    cache_read_tokens: number | null
    cache_write_tokens: number | null
    cache_write_1h_tokens: number | null
    took_ms: number | null
    first_piece_ms: number | null
    settled_at: Date | null
  }
  model_answer: {
    key: string
    reply: Json
    provider: string
    model: string
    kept_at: Generated<Date>
    expires_at: Date
    hits: Generated<number>
  }
  shadow_pair: {
    id: string
    feature: string
    prompt_version: string | null
    request_sha256: string
    asked_at: Date
  }
  shadow_answer: {
    pair_id: string
    side: 'first' | 'second'
    provider: string
    model: string
    text: string | null
    error: string | null
    valid_json: boolean | null
    took_ms: number
    first_piece_ms: number | null
    input_tokens: number | null
    output_tokens: number | null
    cost_usd: Money | null
  }
  model_batch: {
    id: string
    feature: string
    provider: string
    model: string
    scope: 'region' | 'geo' | 'global'
    state: 'preparing' | 'submitted' | 'collecting' | 'done' | 'failed'
    job_id: string | null
    error: string | null
    records: number
    created_at: Date
    submitted_at: Date | null
    ended_at: Date | null
    finished_at: Date | null
    busy_until: Date
  }
  model_batch_item: {
    batch_id: string
    record_id: string
    subject: string
    ref: Json
    call_id: string
    prompt_version: string | null
    worst_case_usd: Money | null
    state: 'planned' | 'reserved' | 'done' | 'failed'
    error: string | null
  }
}

/** A jsonb column: parsed when read; written as JSON text. */
type Json = ColumnType<unknown, string, string>
/** US dollars, exact: read as text, because a number of JavaScript would round. */
type Money = ColumnType<string, number | string, number | string>
