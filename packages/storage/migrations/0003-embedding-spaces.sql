-- Search answers from one embedding space, the active one. When the model changes, another is filled beside it and then
-- takes its place; the old one stays for a while, so that going back costs nothing.
alter table embedding_space
  add column source_dimensions int,
  add column state text not null default 'old' check (state in ('active', 'filling', 'old')),
  add column changed_at timestamptz not null default now();

-- Until now only Titan's vectors were padded, and its id says so: `…:512+zeros:v1`.
update embedding_space set source_dimensions = coalesce(substring(id from ':(\d+)\+zeros:')::int, dimensions);
alter table embedding_space alter column source_dimensions set not null;

update embedding_space set state = 'active'
where id = (select space_id from passage_vector group by space_id order by count(*) desc, space_id limit 1);
create unique index embedding_space_once on embedding_space (state) where state <> 'old';
