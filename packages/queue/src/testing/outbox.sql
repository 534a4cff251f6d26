-- The table as the migrations of packages/storage make it: a package does not import another.
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
