/** One entry of the audit log, within the transaction of what it tells of: records.ts has it as part of the ledger, holds.ts and waivers.ts write it with what they do. */
import type { Kysely } from 'kysely'
import type { AuditEntry } from '../services/ledger.ts'
import type { Tables } from './tables.ts'

export async function insertAudit({ at, actor, action, subject, detail }: AuditEntry, db: Kysely<Tables>) {
  await db
    .insertInto('audit')
    .values({ at, actor, action, subject, detail: JSON.stringify(detail) })
    .execute()
}
