import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { FolderLocked, FolderVersionMismatch, openEmbeddedDatabase } from './index.ts'

const newFolder = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dayshift-folder-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}
const child = new URL('../testing/database-process.ts', import.meta.url)

/** The database in a process of its own, to be killed. */
async function start(folder: string): Promise<{ process: ChildProcess; url: string }> {
  const process = fork(child, [folder], { execArgv: [] })
  onTestFinished(() => void process.kill('SIGKILL'))
  const [url] = (await once(process, 'message')) as [string]
  return { process, url }
}

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  return client
}

test('a folder keeps its rows, is locked while open, and says which version it holds', async () => {
  const folder = join(await newFolder(), 'new', 'database')
  const first = await openEmbeddedDatabase({ folder })
  const client = await connect(first.url)
  await client.query('create extension vector; create table kept (v vector(3)); ')
  await client.query(`insert into kept values ('[1,2,3]')`)
  const { rows } = await client.query('show server_version')
  await client.end()
  await expect(openEmbeddedDatabase({ folder })).rejects.toThrow(FolderLocked)
  await first.close()

  const second = await openEmbeddedDatabase({ folder, password: 'a b/c@d' })
  const reader = await connect(second.url)
  expect((await reader.query(`select v <-> '[1,2,5]' as distance from kept`)).rows).toEqual([{ distance: 2 }])
  await reader.end()
  await second.close()
  expect(await readdir(join(folder, '..'))).toEqual(['database'])

  await writeFile(join(folder, 'PG_VERSION'), '17\n')
  await expect(openEmbeddedDatabase({ folder })).rejects.toThrow(FolderVersionMismatch)
  await expect(openEmbeddedDatabase({ folder })).rejects.toThrow(
    `was written by PostgreSQL 17, and this program reads version ${String(rows[0].server_version).split('.')[0]}`,
  )
})

test('a folder that holds something else is left alone', async () => {
  const folder = await newFolder()
  await writeFile(join(folder, 'letter.txt'), 'dear')
  await expect(openEmbeddedDatabase({ folder })).rejects.toThrow('holds other files')
  expect(await readdir(folder)).toEqual(['letter.txt'])
})

test('what a killed first start left is thrown away', async () => {
  const folder = join(await newFolder(), 'database')
  await mkdir(`${folder}.new`)
  await writeFile(join(`${folder}.new`, 'PG_VERSION'), '18\n')
  const database = await openEmbeddedDatabase({ folder })
  await database.close()
  expect(await readdir(join(folder, '..'))).toEqual(['database'])
})

test('kill -9 loses no committed row and keeps no half of a transaction', async () => {
  const folder = join(await newFolder(), 'database')
  const committed = new Set<number>()
  let last = 0
  let server = await start(folder)
  const setup = await connect(server.url)
  await setup.query('create table pairs (id int primary key, partner int)')
  await setup.end()
  for (let round = 0; round < 2; round++) {
    const write = async () => {
      const client = await connect(server.url)
      for (;;) {
        const [a, b] = [++last, ++last]
        await client.query('begin')
        await client.query('insert into pairs values ($1, $2)', [a, b])
        await client.query('insert into pairs values ($1, $2)', [b, a])
        await client.query('commit')
        committed.add(a).add(b)
      }
    }
    const writers = Promise.allSettled([write(), write(), write(), write()])
    await expect.poll(() => committed.size, { timeout: 10_000 }).toBeGreaterThan((round + 1) * 100)
    server.process.kill('SIGKILL')
    await writers
    server = await start(folder)
    const client = await connect(server.url)
    const { rows } = await client.query('select id from pairs')
    const present = new Set(rows.map(({ id }) => id))
    expect([...committed].filter((id) => !present.has(id))).toEqual([])
    const half = 'select a.id from pairs a where not exists (select from pairs b where b.id = a.partner)'
    expect((await client.query(half)).rows).toEqual([])
    await client.query('create extension if not exists amcheck')
    await client.query("select bt_index_check('pairs_pkey', true)")
    await client.end()
  }
}, 60_000)
