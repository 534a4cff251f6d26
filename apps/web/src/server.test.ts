import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startTestWeb } from './testing/web.ts'

function get(address: string, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(`${address}/api/v1/health/live`, { agent }, (answer) => {
      answer.resume()
      answer.on('end', () => resolve(answer.statusCode ?? 0))
    })
    sent.on('error', reject)
    sent.end()
  })
}

test('a server that stops answers what it was asked and closes what is idle, within a second', async () => {
  const web = await startTestWeb()
  const asked = Promise.withResolvers<void>()
  const { objects } = web.context
  const put = objects.put
  objects.put = async (...given) => {
    asked.resolve()
    await sleep(200)
    return put(...given)
  }
  const agent = new Agent({ keepAlive: true })
  try {
    const address = await web.server.listen({ port: 0, host: '127.0.0.1' })
    expect(await get(address, agent)).toBe(200)
    const slow = fetch(`${address}/api/v1/health/ready`)
    await asked.promise
    const start = performance.now()
    await web.server.close()
    expect((await slow).status).toBe(200)
    expect(performance.now() - start).toBeLessThan(1000)
  } finally {
    agent.destroy()
    await web.close()
  }
})
