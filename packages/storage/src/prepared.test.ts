import { createDatabase } from '@dayshift/storage'
import { useTestDatabase } from '@dayshift/storage/testing'
import { sql } from 'kysely'
import { expect, test } from 'vitest'

const database = useTestDatabase()

test('a statement with a mark is kept by its connection, others are not', async () => {
  const { db, close } = createDatabase(database().url, { maxConnections: 1 })
  for (const n of [1, 2]) {
    const { rows } = await sql<{ n: number }>`/* prepared: sum_of */ select ${n}::int + 1 as n`.execute(db)
    expect(rows).toEqual([{ n: n + 1 }])
    await sql`select ${n}::int`.execute(db)
  }
  const { rows } = await sql`
    select statement, generic_plans + custom_plans as runs from pg_prepared_statements`.execute(db)
  expect(rows).toEqual([{ statement: '/* prepared: sum_of */ select $1::int + 1 as n', runs: '2' }])
  await close()
})

test('two texts cannot have one name', async () => {
  const { db, close } = createDatabase(database().url, { maxConnections: 1 })
  await sql`/* prepared: same */ select 1, ${1}::int`.execute(db)
  await expect(sql`/* prepared: same */ select 2, ${1}::int`.execute(db)).rejects.toThrow('must be unique')
  await close()
})
