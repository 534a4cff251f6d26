-- Batch inference: many requests to a model in one job of the vendor ---------------------------------

create table model_batch (
  id uuid primary key,
  feature text not null,
  provider text not null,
  model text not null,
  scope text not null check (scope in ('region', 'geo', 'global')),
  -- preparing: its input lies ready, money is being set aside and the job started; submitted: the vendor has it;
  -- collecting: it is over, its answers are being taken in; done and failed: nothing is left to do
  state text not null check (state in ('preparing', 'submitted', 'collecting', 'done', 'failed')),
  job_id text unique,
  -- why it did not end as it should, in the vendor's words or ours
  error text,
  records int not null,
  created_at timestamptz not null,
  submitted_at timestamptz,
  ended_at timestamptz,
  finished_at timestamptz,
  -- a process works on it until then, unless it died
  busy_until timestamptz not null
);
create index model_batch_unfinished on model_batch (created_at) where state in ('preparing', 'submitted', 'collecting');

create table model_batch_item (
  batch_id uuid not null references model_batch on delete cascade,
  record_id text not null,
  -- what is asked for once at a time, such as `article.summary` of one article
  subject text not null,
  -- what the feature needs to use the answer
  ref jsonb not null,
  -- its row in the ledger
  call_id text not null unique,
  prompt_version text,
  worst_case_usd numeric(20, 12),
  state text not null check (state in ('planned', 'reserved', 'done', 'failed')),
  error text,
  primary key (batch_id, record_id)
);
create unique index model_batch_item_once on model_batch_item (subject) where state in ('planned', 'reserved');
