create extension if not exists vector;

-- Accounts ---------------------------------------------------------------------------------------

create table account (
  id uuid primary key,
  name text not null unique,
  role text not null check (role in ('administrator')),
  password_hash text,
  created_at timestamptz not null default now(),
  disabled_at timestamptz
);

create table sign_in_link (
  token_sha256 text primary key,
  account_id uuid not null references account on delete cascade,
  expires_at timestamptz not null,
  used_at timestamptz
);

create table api_token (
  id uuid primary key,
  account_id uuid not null references account on delete cascade,
  name text not null,
  token_sha256 text not null unique,
  scope text not null check (scope in ('read', 'write')),
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  expires_at timestamptz,
  revoked_at timestamptz
);

create table setting (
  name text primary key,
  value jsonb not null,
  changed_at timestamptz not null default now()
);

-- Work: the outbox is the truth about jobs, the queue engine only carries them ---------------------

create table outbox (
  id bigint generated always as identity primary key,
  job text not null,
  queue text not null,
  input jsonb not null,
  dedupe_key text,
  priority int not null default 0,
  run_at timestamptz not null default now(),
  state text not null default 'waiting' check (state in ('waiting', 'sent', 'running', 'done', 'dead')),
  attempts int not null default 0,
  progress jsonb,
  error text,
  created_at timestamptz not null default now(),
  sent_at timestamptz,
  started_at timestamptz,
  finished_at timestamptz
);
create unique index outbox_waits_once on outbox (dedupe_key) where state in ('waiting', 'sent');
create index outbox_to_send on outbox (id) where state = 'waiting';
create index outbox_unfinished on outbox (sent_at) where state in ('sent', 'running');
create index outbox_finished on outbox (finished_at desc) where state in ('done', 'dead');

-- Sources ------------------------------------------------------------------------------------------

create table source (
  id uuid primary key,
  kind text not null check (kind in ('feed', 'page', 'samples')),
  title text not null,
  url text not null unique,
  site_url text,
  category text,
  active boolean not null default true,
  check_every_s int not null default 1800 check (check_every_s >= 60),
  etag text,
  last_modified text,
  body_sha256 text,
  outcome text,
  outcome_detail text,
  failures int not null default 0,
  next_check_at timestamptz not null default now(),
  last_checked_at timestamptz,
  last_success_at timestamptz,
  created_at timestamptz not null default now()
);
create index source_due on source (next_check_at) where active;

create table article (
  id uuid primary key,
  source_id uuid not null references source on delete cascade,
  url text not null,
  -- the address, or address and item where a feed gives one address to several articles
  identity text not null unique,
  title text not null,
  author text,
  language text,
  published_at timestamptz,
  discovered_at timestamptz not null,
  changed_at timestamptz not null,
  sort_at timestamptz not null generated always as (coalesce(published_at, discovered_at)) stored,
  revision int not null default 1,
  text text not null,
  html text not null,
  text_sha256 text not null,
  text_from text not null check (text_from in ('feed', 'page')),
  word_count int not null,
  hidden_characters int not null default 0,
  title_words tsvector not null generated always as (to_tsvector('english', title)) stored
);
create index article_newest on article (sort_at desc, id desc);
create index article_of_source on article (source_id, sort_at desc, id desc);
create index article_url on article (url);
create index article_same_text on article (text_sha256);
create index article_title_words on article using gin (title_words);

create table article_revision (
  article_id uuid not null references article on delete cascade,
  revision int not null,
  title text not null,
  text text not null,
  text_sha256 text not null,
  raw_object text,
  created_at timestamptz not null,
  primary key (article_id, revision)
);

-- What a source has shown us so far: nothing is fetched twice and nothing is lost between two polls.
create table source_item (
  source_id uuid not null references source on delete cascade,
  key text not null,
  url text,
  fingerprint text not null,
  entry jsonb,
  outcome text not null check (outcome in ('queued', 'article', 'revision', 'unchanged', 'duplicate', 'skipped', 'failed')),
  reason text,
  article_id uuid references article on delete set null,
  failures int not null default 0,
  seen_at timestamptz not null default now(),
  settled_at timestamptz,
  primary key (source_id, key)
);
create index source_item_queued on source_item (source_id) where outcome = 'queued';

-- What we read out of an article ---------------------------------------------------------------------

create table indicator (
  article_id uuid not null references article on delete cascade,
  kind text not null,
  value text not null,
  written text not null,
  start_offset int not null,
  end_offset int not null,
  occurrences int not null default 1,
  defanged boolean not null default false,
  -- a parent (c2.evil.com -> evil.com) is kept so that search finds it; it is no finding of its own
  derived boolean not null default false,
  primary key (article_id, kind, value)
);
create index indicator_value on indicator (value text_pattern_ops, article_id);

create table article_technique (
  article_id uuid not null references article on delete cascade,
  technique_id text not null,
  name text not null,
  basis text not null check (basis in ('id', 'name')),
  written text not null,
  start_offset int not null,
  end_offset int not null,
  occurrences int not null default 1,
  primary key (article_id, technique_id)
);
create index article_technique_id on article_technique (technique_id, article_id);

create table summary (
  article_id uuid primary key references article on delete cascade,
  revision int not null,
  text text not null,
  provider text not null,
  model text not null,
  prompt_version text not null,
  input_tokens int not null,
  output_tokens int not null,
  cost_usd numeric(12, 8),
  created_at timestamptz not null
);

-- Search ---------------------------------------------------------------------------------------------

create table embedding_space (
  id text primary key,
  provider text not null,
  model text not null,
  dimensions int not null,
  version text not null,
  created_at timestamptz not null default now()
);

create table passage (
  id uuid primary key,
  article_id uuid not null references article on delete cascade,
  revision int not null,
  position int not null,
  start_offset int not null,
  end_offset int not null,
  text text not null,
  unique (article_id, position)
);

-- Narrow on purpose: ranking reads every match, so the words must not lie beside the text in TOAST.
create table passage_words (
  passage_id uuid primary key references passage on delete cascade,
  article_id uuid not null,
  source_id uuid not null,
  day date not null,
  words tsvector not null
);
alter table passage_words alter column words set storage main;
create index passage_words_words on passage_words using gin (words);
create index passage_words_article on passage_words (article_id);

create table passage_vector (
  passage_id uuid not null references passage on delete cascade,
  space_id text not null references embedding_space,
  article_id uuid not null,
  source_id uuid not null,
  day date not null,
  embedding vector(768) not null,
  primary key (passage_id, space_id)
);
alter table passage_vector alter column embedding set storage plain;
create index passage_vector_near on passage_vector using hnsw (embedding vector_ip_ops) with (m = 16, ef_construction = 64);
create index passage_vector_article on passage_vector (article_id);
