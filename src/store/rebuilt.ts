/** Puts a rebuilt ledger into an empty database, all of it or nothing, and compares one with what is there. What it is made of: src/services/rebuild-ledger.ts. */
import { type Kysely, sql, type Transaction } from 'kysely'
import { UserError } from '../domain/failure.ts'
import { isActive, type Promotion } from '../domain/promotion.ts'
import type { LedgerExtract, RebuiltLedger } from '../services/ports.ts'
import { insertAudit } from './audit.ts'
import { readHold } from './holds.ts'
import type { Tables } from './tables.ts'

const REBUILT = 'rebuilt'
const OF_THE_LEDGER = ['releases', 'promotions', 'holds', 'waivers', 'approvals'] as const

/** How many rows each table of the ledger has, of those that have any. */
export async function ledgerRows(
  db: Kysely<Tables>,
): Promise<readonly { readonly table: string; readonly rows: number }[]> {
  const counts = []
  for (const table of OF_THE_LEDGER) {
    const { rows } = await db
      .selectFrom(table)
      .select(({ fn }) => fn.countAll<string>().as('rows'))
      .executeTakeFirstOrThrow()
    counts.push({ table, rows: Number(rows) })
  }
  return counts.filter(({ rows }) => rows > 0)
}

/** Throws UserError where the ledger is not empty: what is there knows more than GitHub does. */
export async function storeRebuilt(db: Kysely<Tables>, rebuilt: RebuiltLedger, at: Date): Promise<void> {
  await db.transaction().execute(async (trx) => {
    // A server that runs beside it writes nothing meanwhile, and finds all of it afterwards.
    await sql.raw(`lock table ${OF_THE_LEDGER.join(', ')}, commands, publications in exclusive mode`).execute(trx)
    await refuseUnlessEmpty(trx)
    await insertReleases(trx, rebuilt)
    await insertPromotions(trx, rebuilt)
    await insertHolds(trx, rebuilt)
    await insertRest(trx, rebuilt)
    await trx
      .insertInto('sweeps')
      .values({ name: REBUILT, swept_until: at })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ swept_until: at }))
      .execute()
    const { repositories, releases, promotions, holds } = rebuilt
    const detail = {
      repositories: repositories.length,
      releases: releases.length,
      promotions: promotions.length,
      holds: holds.length,
    }
    await insertAudit({ at, actor: 'lockkeeper', action: 'rebuild', subject: 'ledger', detail }, trx)
  })
}

export async function refuseUnlessEmpty(db: Kysely<Tables>): Promise<void> {
  const there = await ledgerRows(db)
  if (there.length === 0) return
  const said = there.map(({ table, rows }) => `${rows} in ${table}`).join(', ')
  throw new UserError(
    'usage',
    `the ledger is not empty (${said}), and what is in it is not in GitHub alone`,
    '`lockkeeper rebuild --check` compares it with GitHub. To rebuild it: stop the server, point DATABASE_URL at an empty database (or move the data directory away), and run it again.',
  )
}

async function insertReleases(db: Transaction<Tables>, { releases }: RebuiltLedger): Promise<void> {
  for (const { sequence: _, ...data } of releases) {
    const unmerged = data.origin === 'pull_request' ? data.pullRequest?.number : undefined
    await db
      .insertInto('releases')
      .values({
        ...{ repository: data.repository, model: data.model, commit_sha: data.commit },
        origin: unmerged === undefined ? 'default_branch' : `pull_request ${unmerged}`,
        pull_request: data.pullRequest?.number ?? null,
        release_id: data.state.kind === 'complete' ? data.state.release.id : null,
        state: data.state.kind,
        data: JSON.stringify(data),
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
}

/** Those that have ended were told before. */
async function insertPromotions(db: Transaction<Tables>, { promotions }: RebuiltLedger): Promise<void> {
  for (const promotion of promotions) {
    const { id, repository, model, environment, stage, thread, pullRequest } = promotion
    await db
      .insertInto('promotions')
      .values({
        ...{ id, repository, model, environment },
        ...{ stage: stage.at, active: isActive(promotion), untold: false },
        thread: thread ?? null,
        config_pull_request: pullRequest?.number ?? null,
        data: JSON.stringify(promotion),
      })
      .execute()
  }
}

async function insertHolds(db: Transaction<Tables>, { holds }: RebuiltLedger): Promise<void> {
  for (const { hold, endedBy } of holds) {
    const { id, kind, repository, environment = '', model = '', by, reason, since, until, confinedTo } = hold
    const data = JSON.stringify({ by, reason, since, until, confinedTo })
    await db
      .insertInto('holds')
      .values({ id, kind, repository, environment, model, ended_by: endedBy ?? null, data })
      .execute()
  }
}

/** A server may have heard and written some of it since the loss: its own stays. */
async function insertRest(db: Transaction<Tables>, { commands, publications }: RebuiltLedger): Promise<void> {
  for (const command of commands) {
    await db
      .insertInto('commands')
      .values({
        repository: command.repository,
        comment_id: String(command.commentId),
        state: command.state,
        data: JSON.stringify(command),
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
  for (const { key, nodeId, hash } of publications) {
    await db
      .insertInto('publications')
      .values({ key, node_id: nodeId ?? null, hash: hash ?? null, intended_at: null, said: null })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
}

/** What is there, to be compared. */
export async function extractOf(db: Kysely<Tables>): Promise<LedgerExtract> {
  const releases = await db.selectFrom('releases').select('release_id').where('release_id', 'is not', null).execute()
  const promotions = await db.selectFrom('promotions').select('data').orderBy('sequence').execute()
  const holds = await db.selectFrom('holds').selectAll().orderBy('sequence').execute()
  return {
    releases: releases.flatMap(({ release_id }) => release_id ?? []),
    promotions: promotions.map(({ data }) => data as Promotion),
    holds: holds.map((row) => ({ hold: readHold(row), endedBy: row.ended_by ?? undefined })),
  }
}

/** When the ledger of this database was rebuilt; undefined: never. Comments and check runs of before are looked for before one is made. */
export async function rebuiltAt(db: Kysely<Tables>): Promise<Date | undefined> {
  const row = await db.selectFrom('sweeps').select('swept_until').where('name', '=', REBUILT).executeTakeFirst()
  return row?.swept_until
}
