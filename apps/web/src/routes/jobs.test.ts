import { poll } from '@dayshift/domain/sources'
import { enqueue, step } from '@dayshift/queue'
import { describe, expect, test } from 'vitest'
import { insertSource } from '../testing/content.ts'
import { useTestWeb } from '../testing/web.ts'

const web = useTestWeb()

async function newJob(state: 'waiting' | 'dead' | 'done'): Promise<string> {
  const { db } = web().context
  await enqueue(db, step(poll, { sourceId: await insertSource(db) }))
  const { id } = await db.selectFrom('outbox').select('id').orderBy('id', 'desc').executeTakeFirstOrThrow()
  const finished = state === 'waiting' ? {} : { finished_at: new Date(), attempts: 3, error: 'gone' }
  await db
    .updateTable('outbox')
    .set({ state, ...finished })
    .where('id', '=', id)
    .execute()
  return id
}

const findJob = async (id: string) => {
  const { items } = (await web().reader('GET', '/api/v1/jobs?limit=200')).json()
  return items.find((job: { id: string }) => job.id === id)
}

describe('trying a job again', () => {
  test('lets a dead one wait once more with all its attempts', async () => {
    const id = await newJob('dead')
    expect(await findJob(id)).toMatchObject({ state: 'dead', error: 'gone', attempts: 3 })
    const answer = await web().person('POST', `/api/v1/jobs/${id}/retry`)
    expect([answer.statusCode, answer.json()]).toEqual([202, { queued: true }])
    expect(await findJob(id)).toMatchObject({ state: 'waiting', attempts: 0, finishedAt: null })
  })

  test('does nothing to one that is done', async () => {
    const id = await newJob('done')
    expect((await web().person('POST', `/api/v1/jobs/${id}/retry`)).json()).toEqual({ queued: false })
  })

  test.each([
    ['0', 404],
    ['999999999999999999', 404],
    ['9999999999999999999', 400],
    ['-1', 400],
    ['x', 400],
  ])('of no job with the id %s is answered with %i', async (id, status) => {
    expect((await web().person('POST', `/api/v1/jobs/${id}/retry`)).statusCode).toBe(status)
  })
})

test('jobs are listed from the newest, by state and queue, page by page', async () => {
  for (let count = 0; count < 5; count += 1) await newJob('waiting')
  const seen: string[] = []
  let cursor = ''
  do {
    const page = (await web().reader('GET', `/api/v1/jobs?limit=2&state=waiting&queue=fetch${cursor}`)).json()
    seen.push(...page.items.map(({ id }: { id: string }) => id))
    cursor = page.nextCursor === null ? '' : `&cursor=${page.nextCursor}`
  } while (cursor !== '')
  expect(seen.map(Number)).toEqual(seen.map(Number).toSorted((a, b) => b - a))
  const counts = (await web().reader('GET', '/api/v1/jobs/counts')).json().items
  expect(counts).toContainEqual({ queue: 'fetch', state: 'waiting', count: seen.length })
})
