import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { printed, run, start, temporaryFolder } from './testing/start.ts'

const once = (folder: string, opml: string): string[] => ['--once', '--opml', opml, '--data', folder, '--json']

/** One line that says what was wrong, what was expected or what to do; no stack trace. */
function expectOneLine(stderr: string, message: RegExp): void {
  const lines = stderr.trimEnd().split('\n')
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(/^dayshift: /)
  expect(lines[0]).toMatch(message)
}

describe('a start that cannot be says why in one line', { timeout: 60_000 }, () => {
  test('an unknown option', async () => {
    const { status, stderr } = await run(['--onec'])
    expect(status).toBe(1)
    expectOneLine(stderr, /Unknown option '--onec'/)
  })

  test('a bad environment value, without repeating a secret', async () => {
    const { status, stderr } = await run([], { PORT: '70000' })
    expect(status).toBe(1)
    expectOneLine(stderr, /PORT=70000/)
    const secret = await run([], { DATABASE_URL: 'mysql://root:hunter2@db/x' })
    expectOneLine(secret.stderr, /DATABASE_URL .*postgres:\/\//)
    expect(secret.stderr).not.toContain('hunter2')
  })

  test('a list that is no OPML, that is missing, or that has no usable feed', async () => {
    const folder = temporaryFolder()
    const file = join(folder, 'list.opml')
    const data = join(folder, 'data')
    writeFileSync(file, '<rss version="2.0"><channel><title>a feed</title></channel></rss>')
    const wrong = await run(once(data, file))
    expect(wrong.status).toBe(1)
    expectOneLine(wrong.stderr, /list\.opml.*OPML/)
    expectOneLine((await run(once(data, join(folder, 'absent.opml')))).stderr, /absent\.opml/)
    writeFileSync(file, '<opml version="2.0"><body><outline xmlUrl="http://127.0.0.1:1/feed"/></body></opml>')
    const refused = await run(once(data, file))
    expectOneLine(refused.stderr, /None of the given sources/)
    expect(refused.stdout).toMatch(/skipped http:\/\/127\.0\.0\.1:1\/feed/)
  })

  test('a data folder that another process has, and a port that is taken', async () => {
    const folder = temporaryFolder()
    const blocker = createServer()
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve))
    const { port } = blocker.address() as AddressInfo
    const first = start(['--data', join(folder, 'a')], { PORT: '0', DEFAULT_SOURCES: 'false' })
    await printed(first, 'is ready at')
    const second = await run(['--data', join(folder, 'a')], { PORT: '0' })
    expect(second.status).toBe(1)
    expectOneLine(second.stderr, new RegExp(`${first.child.pid}`))
    const third = await run(['--data', join(folder, 'b')], { PORT: String(port), DEFAULT_SOURCES: 'false' })
    expect(third.status).toBe(1)
    expectOneLine(third.stderr, new RegExp(`port .*${port} is in use`))
    blocker.close()
    first.child.kill('SIGTERM')
    expect((await first.ended).status).toBe(0)
  })

  test('a data folder of a newer version is left as it is', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'postgres'), { recursive: true })
    writeFileSync(join(folder, 'postgres', 'PG_VERSION'), '19\n')
    const { status, stderr } = await run(['--data', folder])
    expect(status).toBe(1)
    expectOneLine(stderr, /PostgreSQL 19/)
  })

  test('a database server that is away', async () => {
    const { status, stderr } = await run([], { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' })
    expect(status).toBe(1)
    expectOneLine(stderr, /127\.0\.0\.1:1.*DATABASE_URL/)
  })
})
