-- Money spent on models ------------------------------------------------------------------------------

-- What may be spent, counted in days and months of UTC.
create table budget (
  id uuid primary key,
  what text not null check (what in ('all', 'feature', 'account')),
  -- the feature's name or the account's id
  subject text check ((what = 'all') = (subject is null)),
  period text not null check (period in ('day', 'month')),
  limit_usd numeric(20, 12) not null check (limit_usd >= 0),
  -- set by the operator's environment, beside what is set in the page: the tighter one holds
  from_environment boolean not null default false,
  unique nulls not distinct (what, subject, period, from_environment)
);

-- One budget in one day or month. Changed by every paid call: the free space keeps the changes on their page.
create table budget_period (
  id bigint generated always as identity primary key,
  budget_id uuid not null references budget on delete cascade,
  starts_on date not null,
  spent_usd numeric(20, 12) not null,
  -- the worst cases of calls that are not settled yet
  reserved_usd numeric(20, 12) not null,
  unique (budget_id, starts_on)
) with (fillfactor = 50);

-- The ledger: one row for each attempt that was sent to a vendor.
create table model_call (
  id text primary key,
  request_id text not null,
  attempt int not null,
  operation text not null check (operation in ('complete', 'stream', 'embed', 'batch')),
  feature text not null,
  -- no reference: money stays counted when the account is gone
  account_id uuid,
  provider text not null,
  model text not null,
  scope text not null check (scope in ('region', 'geo', 'global')),
  tier text not null,
  prompt_version text,
  started_at timestamptz not null,
  due_at timestamptz not null,
  free boolean not null,
  worst_case_usd numeric(20, 12) check (worst_case_usd >= 0),
  -- where its worst case is set aside until it is settled
  period_ids bigint[] not null default '{}',
  -- open: sent, the end not known; unsure: the vendor may bill what we were not told; settled: final
  state text not null check (state in ('open', 'unsure', 'settled')),
  -- null while no process has said how it ended
  result text,
  cost_usd numeric(20, 12) check (cost_usd >= 0),
  input_tokens int,
  output_tokens int,
  cache_read_tokens int,
  cache_write_tokens int,
  cache_write_1h_tokens int,
  took_ms int,
  first_piece_ms int,
  settled_at timestamptz
);
create index model_call_started on model_call (started_at);
create index model_call_open on model_call (due_at) where state = 'open';
create index model_call_unsure on model_call (started_at) where state = 'unsure';

-- Answers that were given before, by the hash of all that they depend on.
create table model_answer (
  key text primary key,
  -- json and not jsonb, which refuses U+0000 and lone surrogates
  reply json not null,
  provider text not null,
  model text not null,
  kept_at timestamptz not null default now(),
  expires_at timestamptz not null,
  hits int not null default 0
);
create index model_answer_expired on model_answer (expires_at);

-- One request answered by two models, to compare them before a move.
create table shadow_pair (
  id text primary key,
  feature text not null,
  prompt_version text,
  request_sha256 text not null,
  asked_at timestamptz not null
);
create index shadow_pair_asked on shadow_pair (asked_at);

create table shadow_answer (
  pair_id text not null references shadow_pair on delete cascade,
  side text not null check (side in ('first', 'second')),
  provider text not null,
  model text not null,
  -- null when it failed
  text text,
  error text,
  valid_json boolean,
  took_ms double precision not null,
  first_piece_ms double precision,
  input_tokens int,
  output_tokens int,
  cost_usd numeric(20, 12),
  primary key (pair_id, side)
);
