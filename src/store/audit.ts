/** One entry of the audit log, within the transaction of what it tells of: there is no other way to write one. */
import type { Kysely } from 'kysely'
import type { AuditEntry } from '../services/ledger.ts'
import type { Tables } from './tables.ts'

export async function insertAudit({ at, actor, action, subject, detail }: AuditEntry, db: Kysely<Tables>) {
  await db
    .insertInto('audit')
    .values({ at, actor, action, subject, detail: JSON.stringify(detail) })
    .execute()
}

/** `change`, and what the audit log tells of it, or neither. Nothing is told of a change that gives false. */
export function withAudit<Result>(
  entry: AuditEntry | undefined,
  db: Kysely<Tables>,
  change: (db: Kysely<Tables>) => Promise<Result>,
): Promise<Result> {
  if (entry === undefined) return change(db)
  return db.transaction().execute(async (transaction) => {
    const result = await change(transaction)
    if (result !== false) await insertAudit(entry, transaction)
    return result
  })
}
