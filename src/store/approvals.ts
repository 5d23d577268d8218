/** Approvals by `/approve` on PostgreSQL: part of the ledger (ledger.ts). Whose of them count is judged at every look: src/services/judge-promotion.ts. */
import { type Kysely, type Selectable, sql } from 'kysely'
import type { RepoName } from '../domain/ids.ts'
import type { Approval, Ledger } from '../services/ledger.ts'
import { insertAudit } from './audit.ts'
import type { ApprovalsTable, Tables } from './tables.ts'

export function createApprovals(db: Kysely<Tables>): Pick<Ledger, 'approve' | 'approvals' | 'approvalsBy'> {
  const rows = () => db.selectFrom('approvals').selectAll().orderBy('at')
  return {
    async approve({ promotion, head = '', login, by, at }, entry) {
      const isNew = await db.transaction().execute(async (trx) => {
        // One statement: between the look at the promotion and the approval nothing can happen to it.
        const { rows: inserted } = await sql<{ comment_id: string }>`
          insert into approvals (promotion, head, login, repository, comment_id, at)
          select id, ${head}, ${login}, ${by.repository}, ${by.commentId}, ${at} from promotions
          where id = ${promotion} and stage in ('proposed', 'opened') and coalesce(data->'pullRequest'->>'headSha', '') = ${head}
          on conflict do nothing returning comment_id`.execute(trx)
        if (inserted.length > 0) await insertAudit(entry, trx)
        return inserted.length > 0
      })
      if (isNew) return 'approved'
      const known = await rows().where('promotion', '=', promotion).where('head', '=', head).execute()
      return known.some((row) => row.login === login) ? 'known' : 'moved'
    },
    async approvals(promotion) {
      return (await rows().where('promotion', '=', promotion).execute()).map(readApproval)
    },
    async approvalsBy({ repository, commentId }) {
      const found = await rows()
        .where('repository', '=', repository)
        .where('comment_id', '=', String(commentId))
        .execute()
      return found.map(readApproval)
    },
  }
}

// What this file wrote.
const readApproval = (row: Selectable<ApprovalsTable>): Approval => ({
  promotion: row.promotion,
  head: row.head === '' ? undefined : (row.head as Approval['head']),
  login: row.login,
  by: { repository: row.repository as RepoName, commentId: Number(row.comment_id) },
  at: row.at,
})
