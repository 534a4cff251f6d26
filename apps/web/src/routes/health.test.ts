import { expect, test } from 'vitest'
import { useTestWeb } from '../testing/web.ts'

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
