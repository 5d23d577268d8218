/** Waivers of gates on PostgreSQL: one row each, so that nobody's is lost to another's. Part of comparisons.ts. */
import type { ExpressionBuilder, Kysely, Transaction } from 'kysely'
import type { ComparisonStore, Revocation, WaivedHead, WaiverRecord } from '../services/ports.ts'
import { insertAudit } from './audit.ts'
import type { Tables } from './tables.ts'

type Waivers = Pick<ComparisonStore, 'waivers' | 'addWaiver' | 'revokeWaiver'>

export function createWaivers(db: Kysely<Tables>): Waivers {
  return {
    async waivers(head) {
      const rows = await db
        .selectFrom('waivers')
        .select('data')
        .where(ofHead(head))
        .where('revoked_by', 'is', null)
        .orderBy('sequence')
        .execute()
      return rows.map(recordOf)
    },
    addWaiver: (waiver, cause) => db.transaction().execute((transaction) => add(waiver, cause, transaction)),
    revokeWaiver: (head, revocation, cause) =>
      db.transaction().execute((transaction) => revoke({ ...head, ...revocation }, cause, transaction)),
  }
}

async function revoke(
  { at, by, ...of }: WaivedHead & Revocation,
  cause: string,
  db: Transaction<Tables>,
): Promise<boolean> {
  const revoked = await db
    .updateTable('waivers')
    .set({ revoked_by: cause })
    .where(ofGate(of))
    .where('revoked_by', 'is', null)
    .returning('data')
    .executeTakeFirst()
  if (revoked !== undefined) {
    await audit({ at, actor: by, action: 'override --revoke', detail: recordOf(revoked) }, db)
    return true
  }
  const rows = await db.selectFrom('waivers').select('revoked_by').where(ofGate(of)).execute()
  return rows.some((row) => row.revoked_by === cause)
}

async function add(
  waiver: WaiverRecord,
  cause: string,
  db: Transaction<Tables>,
): ReturnType<ComparisonStore['addWaiver']> {
  const { model, gate, by, at } = waiver
  const added = await db
    .insertInto('waivers')
    .values({ ...columnsOf(waiver), model, gate, given_by: cause, data: JSON.stringify(waiver) })
    .onConflict((conflict) => conflict.doNothing())
    .returning('sequence')
    .executeTakeFirst()
  if (added !== undefined) {
    await audit({ at: new Date(at), actor: by, action: 'override', detail: waiver }, db)
    return { kind: 'added', waiver }
  }
  const rows = await db
    .selectFrom('waivers')
    .select(['data', 'given_by'])
    .where(ofGate(waiver))
    .orderBy('sequence', 'desc')
    .execute()
  const own = rows.find((row) => row.given_by === cause)
  const found = own ?? rows[0]
  if (found === undefined) throw new Error(`the waiver of ${gate} that was in the way is gone`)
  return { kind: own === undefined ? 'known' : 'added', waiver: recordOf(found) }
}

type OneGate = WaivedHead & Pick<WaiverRecord, 'model' | 'gate'>

const ofHead =
  (head: WaivedHead) =>
  ({ and }: ExpressionBuilder<Tables, 'waivers'>) =>
    and(columnsOf(head))

const ofGate =
  ({ model, gate, ...head }: OneGate) =>
  ({ and }: ExpressionBuilder<Tables, 'waivers'>) =>
    and({ ...columnsOf(head), model, gate })

const columnsOf = ({ repository, number, headSha }: WaivedHead) => ({ repository, number, head_sha: headSha })

const recordOf = ({ data }: { readonly data: unknown }): WaiverRecord => data as WaiverRecord

type Entry = {
  readonly at: Date
  readonly actor: string
  readonly action: string
  readonly detail: WaiverRecord
}

async function audit({ at, actor, action, detail }: Entry, db: Transaction<Tables>): Promise<void> {
  const subject = `${detail.repository}#${detail.number} ${detail.model}`
  await insertAudit({ at, actor, action, subject, detail }, db)
}
