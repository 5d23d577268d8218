/** Locks by name over all replicas, each an open transaction: the server lets go when the process dies, and poolers keep its connection. Used by ledger.ts and records.ts. */
import { type Kysely, sql, type Transaction } from 'kysely'
import { underClaim } from './claims.ts'
import type { Tables } from './tables.ts'

/** While it holds, the transaction is asked so often: the server ends one that says nothing for `SILENT_SECONDS`, as of a process that is frozen. */
const PULSE_MS = 5000
const SILENT_SECONDS = 20

/** Waits until nobody else has the lock `name`, and for no longer than this transaction. */
export async function lockFor(name: string, db: Kysely<Tables>): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(db)
}

/** Runs alone among all who take the lock `name`. Where the lock is lost on the way (its connection broke), nothing that `run` begins after that is written. */
export function alone<Result>(name: string, db: Kysely<Tables>, run: () => Promise<Result>): Promise<Result> {
  return db.transaction().execute(async (transaction) => {
    await sql.raw(`set local idle_in_transaction_session_timeout = '${SILENT_SECONDS}s'`).execute(transaction)
    await lockFor(name, transaction)
    const ask = oneAtATime(() => isAlive(transaction))
    const pulse = setInterval(() => void ask(), PULSE_MS)
    try {
      return await underClaim(ask, run)
    } finally {
      clearInterval(pulse)
      // The connection takes one question at a time.
      await ask()
    }
  })
}

/** The lock lives as long as its transaction. */
async function isAlive(transaction: Transaction<Tables>): Promise<boolean> {
  try {
    await sql`select 1`.execute(transaction)
    return true
  } catch {
    return false
  }
}

function oneAtATime<Answer>(ask: () => Promise<Answer>): () => Promise<Answer> {
  let last: Promise<unknown> = Promise.resolve()
  return () => {
    const next = last.then(ask)
    last = next
    return next
  }
}
