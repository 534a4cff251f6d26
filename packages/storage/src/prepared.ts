import type { PostgresPool, PostgresPoolClient } from 'kysely'
import type { Pool } from 'pg'
import type { PostgresServer } from './server.ts'

const MARK = /^\/\* prepared: (\w+) \*\//

/**
 * A pool whose connections read and plan a statement that begins with a comment like `/* prepared: some_name *\/` once and
 * keep it under that name, which has to be that text's own. Worth it for short statements that run all the time.
 */
export const withPrepared = (pool: Pool, server: PostgresServer): PostgresPool => ({
  options: pool.options,
  async connect() {
    const client = await server.connect(() => pool.connect())
    const query: unknown = (text: string, values: unknown[]) =>
      client.query({ name: MARK.exec(text)?.[1], text, values })
    return { query: query as PostgresPoolClient['query'], release: (destroy) => client.release(destroy) }
  },
  end: () => pool.end(),
})
