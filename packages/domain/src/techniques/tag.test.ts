import { NotFound } from '@dayshift/domain/errors'
import { useTestDatabase } from '@dayshift/storage/testing'
import { v7 as uuidv7 } from 'uuid'
import { expect, test } from 'vitest'
import { listTechniques } from './queries.ts'
import { tagTechniques } from './tag.ts'

const database = useTestDatabase()

test('tagging again replaces what was there', async () => {
  const { db } = database()
  const id = uuidv7()
  const at = new Date('2026-01-01T00:00:00Z')
  await db.insertInto('source').values({ id, kind: 'feed', title: 'Source', url: 'https://publisher.xyz/' }).execute()
  await db
    .insertInto('article')
    .values({
      id,
      source_id: id,
      url: 'https://publisher.xyz/1',
      identity: 'https://publisher.xyz/1',
      title: 'Title',
      discovered_at: at,
      changed_at: at,
      text: '',
      html: '',
      text_sha256: id,
      text_from: 'feed',
      word_count: 0,
    })
    .execute()
  expect(await tagTechniques({ db }, { id, text: 'keylogging, then T1059.001' })).toBe(2)
  expect(await listTechniques(db, id)).toEqual([
    {
      id: 'T1056.001',
      name: 'Keylogging',
      basis: 'name',
      written: 'keylogging',
      startOffset: 0,
      endOffset: 10,
      occurrences: 1,
    },
    {
      id: 'T1059.001',
      name: 'PowerShell',
      basis: 'id',
      written: 'T1059.001',
      startOffset: 17,
      endOffset: 26,
      occurrences: 1,
    },
  ])
  expect(await tagTechniques({ db }, { id, text: 'nothing of that kind' })).toBe(0)
  expect(await listTechniques(db, id)).toEqual([])
})

test('an article that is gone is an error', async () => {
  const { db } = database()
  await expect(tagTechniques({ db }, { id: uuidv7(), text: 'T1059' })).rejects.toThrow(NotFound)
})
