import { openEmbeddedDatabase } from '@dayshift/storage/embedded'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDatabase, type Database } from './database.ts'
import { listMigrations, migrate } from './migrate.ts'

let database: Database
let close: () => Promise<void>
beforeAll(async () => {
  const embedded = await openEmbeddedDatabase({ folder: 'memory' })
  close = () => embedded.close()
  database = createDatabase(embedded.url)
})
afterAll(async () => {
  await database.close()
  await close()
})

test('of the spaces of an older database the one with most vectors becomes the active one', async () => {
  const migrations = await listMigrations()
  const before = migrations.findIndex(({ name }) => name === '0003-embedding-spaces')
  await migrate(database.db, migrations.slice(0, before))
  await sql`insert into embedding_space (id, provider, model, dimensions, version) values
    ('local:hash-v1:768', 'local', 'local-hash-v1', 768, 'hash-v1'),
    ('bedrock:amazon.titan-embed-text-v2:0:512+zeros:v1', 'bedrock', 'amazon.titan-embed-text-v2:0', 768, 'v1'),
    ('unused', 'local', 'none', 768, 'v1')`.execute(database.db)
  const id = sql`'0198c0de-0000-7000-8000-000000000000'::uuid`
  await sql`insert into source (id, kind, title, url) values (${id}, 'feed', 'x', 'https://x.example')`.execute(
    database.db,
  )
  await sql`insert into article (id, source_id, url, identity, title, discovered_at, changed_at, text, html, text_sha256, text_from, word_count)
    values (${id}, ${id}, 'u', 'u', 't', now(), now(), 't', 't', 's', 'page', 1)`.execute(database.db)
  await sql`insert into passage (id, article_id, revision, position, start_offset, end_offset, text)
    select gen_random_uuid(), ${id}, 1, n, 0, 1, 't' from generate_series(1, 3) n`.execute(database.db)
  await sql`insert into passage_vector (passage_id, space_id, article_id, source_id, day, embedding)
    select passage.id, embedding_space.id, ${id}, ${id}, now(), array_fill(1, array[768])::vector
    from passage, embedding_space
    where provider = 'bedrock' or model = 'local-hash-v1' and position = 1`.execute(database.db)

  await migrate(database.db)
  const spaces = await database.db
    .selectFrom('embedding_space')
    .select(['provider', 'model', 'state', 'source_dimensions'])
    .orderBy('id')
    .execute()
  expect(spaces.map((space) => Object.values(space))).toEqual([
    ['bedrock', 'amazon.titan-embed-text-v2:0', 'active', 512],
    ['local', 'local-hash-v1', 'old', 768],
    ['local', 'none', 'old', 768],
  ])
})
