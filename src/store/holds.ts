/** Holds on PostgreSQL: part of the ledger's port (src/services/ledger.ts). One that has ended stays as a row, so that a command run again after a crash tells what it did. */
import type { Kysely, Transaction } from 'kysely'
import { type Hold, type HoldScope, isOver } from '../domain/hold.ts'
import type { EnvironmentName, ModelName, RepoName } from '../domain/ids.ts'
import type { Ledger } from '../services/ledger.ts'
import { insertAudit } from './audit.ts'
import { lockFor } from './locks.ts'
import type { HoldsTable, Tables } from './tables.ts'

type Holds = Pick<Ledger, 'holds' | 'placeHold' | 'liftHold' | 'holdsEndedBy' | 'wasPlaced'>

export function createHolds(db: Kysely<Tables>): Holds {
  return {
    async holds(repositories) {
      if (repositories.length === 0) return []
      const rows = await db
        .selectFrom('holds')
        .selectAll()
        .where('repository', 'in', repositories)
        .where('ended_by', 'is', null)
        .orderBy('sequence')
        .execute()
      return rows.map(readHold)
    },
    placeHold: (hold, now) => db.transaction().execute((transaction) => place(hold, now, transaction)),
    liftHold: (hold, { by, cause, at }) =>
      db.transaction().execute(async (transaction) => {
        const isLifted = await end(hold, cause, transaction)
        if (isLifted) await audit({ at, actor: by, action: 'unlock', hold }, transaction)
        return isLifted
      }),
    holdsEndedBy: (cause) => endedBy(cause, db),
    wasPlaced: async (id) =>
      (await db.selectFrom('holds').select('id').where('id', '=', id).executeTakeFirst()) !== undefined,
  }
}

/** What is done to one scope is done one after the other; the unique index would refuse the rest. */
async function place(hold: Hold, now: Date, db: Transaction<Tables>): ReturnType<Ledger['placeHold']> {
  const { repository, environment, model } = columnsOf(hold)
  const name = ['hold', repository, environment, model, hold.kind].join(' ')
  await lockFor(name, db)
  const own = await db.selectFrom('holds').selectAll().where('id', '=', hold.id).executeTakeFirst()
  if (own !== undefined) {
    const [before] = await endedBy(hold.id, db)
    return { kind: 'held', hold: readHold(own), before, isLifted: own.ended_by !== null }
  }
  const there = await db
    .selectFrom('holds')
    .selectAll()
    .where('repository', '=', repository)
    .where('environment', '=', environment)
    .where('model', '=', model)
    .where('kind', '=', hold.kind)
    .where('ended_by', 'is', null)
    .executeTakeFirst()
  const held = there && readHold(there)
  const isGone = held === undefined || isOver(held, now)
  if (!isGone && hold.kind === 'lock' && held.by !== hold.by) return { kind: 'taken', hold: held }
  if (held !== undefined) await end(held, isGone ? 'time' : hold.id, db)
  const before = isGone ? undefined : held
  // A lock that its owner changes has been there all the time.
  const placed = before === undefined || hold.kind === 'rollback' ? hold : { ...hold, since: before.since }
  await insert(placed, db)
  const action = hold.kind === 'lock' ? 'lock' : 'hold'
  await audit({ at: now, actor: hold.by, action, hold: placed }, db)
  return { kind: 'held', hold: placed, before, isLifted: false }
}

/** Fenced by the id: of what took its place nothing is changed. */
async function end({ id }: Hold, cause: string, db: Kysely<Tables>): Promise<boolean> {
  const result = await db
    .updateTable('holds')
    .set({ ended_by: cause })
    .where('id', '=', id)
    .where('ended_by', 'is', null)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

async function endedBy(cause: string, db: Kysely<Tables>): Promise<readonly Hold[]> {
  const rows = await db.selectFrom('holds').selectAll().where('ended_by', '=', cause).orderBy('sequence').execute()
  return rows.map(readHold)
}

async function insert(hold: Hold, db: Transaction<Tables>): Promise<void> {
  const { id, kind, by, reason, since, until, confinedTo } = hold
  const data = JSON.stringify({ by, reason, since, until, confinedTo })
  await db
    .insertInto('holds')
    .values({ id, kind, ...columnsOf(hold), ended_by: null, data })
    .execute()
}

type Entry = { readonly at: Date; readonly actor: string; readonly action: string; readonly hold: Hold }

async function audit({ at, actor, action, hold }: Entry, db: Transaction<Tables>): Promise<void> {
  const { id, kind, by, reason, until, repository, environment, model } = hold
  const subject = [model, environment ?? repository].filter((name) => name !== undefined).join(' ')
  await insertAudit({ at, actor, action, subject, detail: { id, kind, repository, by, reason, until } }, db)
}

const columnsOf = ({ repository, environment, model }: HoldScope) => ({
  repository,
  environment: environment ?? '',
  model: model ?? '',
})

type StoredHold = {
  readonly by: string
  readonly reason: string
  readonly since: string
  readonly until?: string
  readonly confinedTo?: RepoName
}

/** As a row has it. */
export function readHold(
  row: Pick<HoldsTable, 'id' | 'repository' | 'environment' | 'model' | 'kind'> & { readonly data: unknown },
): Hold {
  const { by, reason, since, until, confinedTo } = row.data as StoredHold
  return {
    id: row.id,
    repository: row.repository as RepoName,
    environment: row.environment === '' ? undefined : (row.environment as EnvironmentName),
    model: row.model === '' ? undefined : (row.model as ModelName),
    kind: row.kind,
    by,
    reason,
    since: new Date(since),
    until: until === undefined ? undefined : new Date(until),
    confinedTo,
  }
}
