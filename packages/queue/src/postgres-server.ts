import { type ClientConfig, Pool, type PoolClient, type PoolConfig } from 'pg'

/** A PostgreSQL server, one database there, and how to log in. */
export interface PostgresServer {
  /** For `pg`. */
  options: ClientConfig
  /** Runs `open`, which connects; once more when the server refused the password and there is another by now. */
  connect<Connection>(open: () => Promise<Connection>): Promise<Connection>
}

/** A server, or the URL of one that is logged in to as the URL says. */
export type PostgresPlace = string | PostgresServer

export const serverOf = (place: PostgresPlace): PostgresServer =>
  typeof place === 'string' ? { options: { connectionString: place }, connect: (open) => open() } : place

type Taker = (error: Error | undefined, client: PoolClient | undefined, done: (release?: unknown) => void) => void

/** A pool whose connections log in as the server says, also those that its own `query` opens. */
export class LoginPool extends Pool {
  readonly #server: PostgresServer

  constructor(server: PostgresServer, config: PoolConfig) {
    super({ ...server.options, ...config })
    this.#server = server
  }

  override connect(): Promise<PoolClient>
  override connect(taker: Taker): void
  override connect(taker?: Taker): Promise<PoolClient> | void {
    const opened = this.#server.connect(() => super.connect())
    if (!taker) return opened
    void opened.then(
      (client) => taker(undefined, client, (release) => client.release(release as boolean)),
      (error: Error) => taker(error, undefined, () => {}),
    )
  }
}
