/** The connections of database.ts and queue.ts. */
import pg from 'pg'

/**
 * A connection whose end is no end of the process. The pool listens to idle ones only: when the server goes away during a query or a
 * transaction, the event would find no listener. Whoever asks learns it from the query's rejection.
 */
export class SteadyClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config)
    this.on('error', () => {})
  }
}
