import type { Phase } from '@dayshift/runtime/run-main'
import { expect, test } from 'vitest'
import { startTestWeb, useTestWeb } from '../testing/web.ts'

const web = useTestWeb()

test('the service is ready while its parts answer, and says who does not without saying why', async () => {
  const { context, nobody, log } = web()
  expect((await nobody('GET', '/api/v1/health/ready')).json()).toMatchObject({ ok: true })

  context.objects.put = () => Promise.reject(new Error('EACCES: /var/secret/place'))
  await new Promise((resolve) => setTimeout(resolve, 1100))
  const answer = await nobody('GET', '/api/v1/health/ready')
  expect(answer.statusCode).toBe(503)
  expect(answer.json()).toMatchObject({
    ok: false,
    parts: [
      { name: 'database', ok: true },
      { name: 'objects', ok: false },
    ],
  })
  expect(answer.body).not.toContain('secret')
  expect(log.some(({ text }) => text.includes('/var/secret/place'))).toBe(true)
})

test('the process says that it lives, whatever its parts do', async () => {
  expect((await web().nobody('GET', '/api/v1/health/live')).json()).toEqual({ ok: true })
})

test('at the root everybody is answered, without a sign-in, a limit or a line in the log', async () => {
  const { nobody, log } = web()
  const before = log.length
  for (const path of ['/live', '/health']) {
    const answer = await nobody('GET', path)
    expect([answer.statusCode, answer.json()]).toEqual([200, { ok: true }])
    expect(answer.headers['ratelimit-remaining']).toBeUndefined()
  }
  expect((await nobody('HEAD', '/health')).statusCode).toBe(200)
  expect(log.slice(before)).toEqual([])
})

test('a part that is broken makes the process not ready, but no reason to replace it', async () => {
  const broken = await startTestWeb()
  broken.context.objects.put = () => Promise.reject(new Error('EACCES: /var/secret/place'))
  const ready = await broken.nobody('GET', '/ready')
  expect([ready.statusCode, ready.json().ok]).toEqual([503, false])
  expect(ready.body).not.toContain('secret')
  expect((await broken.nobody('GET', '/health')).statusCode).toBe(200)
  await broken.close()
})

test('a process that starts or stops lives, but is neither healthy nor ready', async () => {
  let phase: Phase = 'starting'
  const changing = await startTestWeb({ phase: () => phase })
  const statuses = async (): Promise<number[]> => {
    const answers: number[] = []
    for (const path of ['/live', '/health', '/ready', '/api/v1/health/ready'])
      answers.push((await changing.nobody('GET', path)).statusCode)
    return answers
  }
  expect(await statuses()).toEqual([200, 503, 503, 503])
  phase = 'serving'
  expect(await statuses()).toEqual([200, 200, 200, 200])
  phase = 'stopping'
  expect(await statuses()).toEqual([200, 503, 503, 503])
  expect((await changing.nobody('GET', '/health')).json()).toEqual({ ok: false, phase: 'stopping' })
  await changing.close()
})
