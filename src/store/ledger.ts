/** The ledger on PostgreSQL: the port in src/services/ledger.ts. Releases and promotions here; the smaller records in records.ts. */
import { type Kysely, sql } from 'kysely'
import type { EnvironmentName, ModelName } from '../domain/ids.ts'
import { type EnvironmentKey, isActive, type Promotion } from '../domain/promotion.ts'
import type { Release } from '../domain/release.ts'
import type { Ledger, ReleaseRecord } from '../services/ledger.ts'
import { createApprovals } from './approvals.ts'
import { insertAudit, withAudit } from './audit.ts'
import { alone, lockFor } from './locks.ts'
import { createRecords } from './records.ts'
import type { Tables } from './tables.ts'

/** All of the ledger's methods over one database. `locks`: connections of their own for those that wait and hold, or all may hold one and wait for another. */
export function createLedger(db: Kysely<Tables>, locks: Kysely<Tables> = db): Ledger {
  return { ...createReleases(db), ...createPromotions(db, locks), ...createApprovals(db), ...createRecords(db, locks) }
}

type Releases = Pick<
  Ledger,
  'beginRelease' | 'release' | 'saveRelease' | 'releaseById' | 'releasesOf' | 'pendingReleases' | 'verifiedReleases'
>

function createReleases(db: Kysely<Tables>): Releases {
  const questions = createReleaseQuestions(db)
  return {
    ...questions,
    async beginRelease(release) {
      const record = { ...release, state: { kind: 'pending', missing: [] } }
      const result = await db
        .insertInto('releases')
        .values({
          repository: release.repository,
          model: release.model,
          commit_sha: release.commit,
          origin: originOf(release.origin === 'pull_request' ? release.pullRequest?.number : undefined),
          pull_request: release.pullRequest?.number ?? null,
          release_id: null,
          state: 'pending',
          data: JSON.stringify(record),
        })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst()
      return result.numInsertedOrUpdatedRows === 1n ? 'begun' : 'known'
    },
    async saveRelease(record, entry) {
      const { sequence: _, ...data } = record
      const { state, repository, model, commit } = record
      const unmerged = record.origin === 'pull_request' ? record.pullRequest?.number : undefined
      const releaseId = state.kind === 'complete' ? state.release.id : null
      const isSaved = await withAudit(entry, db, async (transaction) => {
        const { numUpdatedRows } = await transaction
          .updateTable('releases')
          .set({ state: state.kind, release_id: releaseId, data: JSON.stringify(data) })
          .where('repository', '=', repository)
          .where('model', '=', model)
          .where('commit_sha', '=', commit)
          .where('origin', '=', originOf(unmerged))
          .where('state', '<>', 'complete')
          .executeTakeFirst()
        return numUpdatedRows > 0n
      })
      if (isSaved) return
      const stored = await questions.release(repository, model, commit, unmerged)
      if (stored?.state.kind === 'complete' && stored.state.release.id === releaseId) return
      throw new Error(`the release of ${model} at ${commit} is complete, or was never begun: it is not written again`)
    },
  }
}

function createReleaseQuestions(db: Kysely<Tables>): Omit<Releases, 'beginRelease' | 'saveRelease'> {
  const rows = () => db.selectFrom('releases').select(['sequence', 'data'])
  return {
    async release(repository, model, commit, unmerged) {
      const row = await rows()
        .where('repository', '=', repository)
        .where('model', '=', model)
        .where('commit_sha', '=', commit)
        .where('origin', '=', originOf(unmerged))
        .executeTakeFirst()
      return row && readRelease(row)
    },
    async releaseById(repository, id) {
      const row = await rows().where('repository', '=', repository).where('release_id', '=', id).executeTakeFirst()
      return row && readRelease(row)
    },
    async releasesOf({ repository, model, pullRequest, commit }) {
      let query = rows().where('repository', '=', repository)
      if (commit !== undefined) query = query.where(isOfCommit(commit))
      if (model !== undefined) query = query.where('model', '=', model)
      if (pullRequest !== undefined) query = query.where('pull_request', '=', pullRequest)
      const found = (await query.orderBy('sequence', 'desc').execute()).map(readRelease)
      return found.toSorted((a, b) => b.sequence - a.sequence)
    },
    async pendingReleases(about) {
      let query = rows().where('state', '=', 'pending')
      if (about !== undefined) {
        const { repository, commit } = about
        const head = sql<string>`data->'pullRequest'->>'headSha'`
        query = query
          .where('repository', '=', repository)
          .where((is) => is.or([is('commit_sha', '=', commit), is(head, '=', commit)]))
      }
      return (await query.orderBy('sequence').execute()).map(readRelease)
    },
    verifiedReleases: (key, limit) => verifiedReleases(db, key, limit),
  }
}

/** A prefix without any character that `like` takes for a pattern. */
const isOfCommit =
  (prefix: string) =>
  ({ eb }: { eb: import('kysely').ExpressionBuilder<Tables, 'releases'> }) => {
    const pattern = `${/^[0-9a-f]*$/.test(prefix) ? prefix : '-'}%`
    return eb.or([eb('commit_sha', 'like', pattern), eb(sql`data->'pullRequest'->>'headSha'`, 'like', pattern)])
  }

const originOf = (unmerged: number | undefined): string =>
  unmerged === undefined ? 'default_branch' : `pull_request ${unmerged}`

/** A release that came back by a rollback stands where it was verified last. */
async function verifiedReleases(
  db: Kysely<Tables>,
  { repository, model, environment }: EnvironmentKey,
  limit: number,
): Promise<readonly { readonly at: string; readonly release: Release }[]> {
  const { rows } = await sql<{ at: string; release: unknown }>`
    select at, release from (
      select distinct on (p.data->>'release')
        p.data->'stage'->>'verifiedAt' as at, r.data->'state'->'release' as release
      from promotions p join releases r on r.repository = p.repository and r.release_id = p.data->>'release'
      where p.repository = ${repository} and p.model = ${model} and p.environment = ${environment} and p.stage = 'verified'
      order by p.data->>'release', p.data->'stage'->>'verifiedAt' desc
    ) newest order by at desc limit ${limit}`.execute(db)
  return rows.map(({ at, release }) => ({ at, release: release as Release })).toReversed()
}

type Promotions = Pick<
  Ledger,
  | 'history'
  | 'propose'
  | 'savePromotion'
  | 'undisturbed'
  | 'settled'
  | 'untoldPromotions'
  | 'markTold'
  | 'promotion'
  | 'promotionOfPullRequest'
  | 'promotionsOfThread'
  | 'activePromotions'
  | 'environmentsOf'
>

function createPromotions(db: Kysely<Tables>, locks: Kysely<Tables>): Promotions {
  return { ...createChanges(db, locks), ...createUntold(db), ...createQuestions(db) }
}

type Changes = Pick<Promotions, 'propose' | 'savePromotion' | 'undisturbed' | 'settled'>

function createChanges(db: Kysely<Tables>, locks: Kysely<Tables>): Changes {
  return {
    propose: (promotion, supersedes, entry) =>
      db.transaction().execute(async (trx) => {
        const known = await trx.selectFrom('promotions').select('id').where('id', '=', promotion.id).executeTakeFirst()
        if (known !== undefined) return 'known'
        if (supersedes !== undefined) {
          await lockFor(lockOf(supersedes), trx)
          await update(trx, supersedes)
        }
        const result = await trx
          .insertInto('promotions')
          .values({ id: promotion.id, ...columnsOf(promotion) })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst()
        if (result.numInsertedOrUpdatedRows === 1n) {
          if (entry !== undefined) await insertAudit(entry, trx)
          return 'proposed'
        }
        if (supersedes !== undefined) throw new Error('another promotion became active during the proposal')
        return 'busy'
      }),
    savePromotion: (promotion, entry) => withAudit(entry, db, (trx) => update(trx, promotion)),
    // An advisory lock, since `run` saves the promotion over a connection of its own.
    undisturbed: (promotion, run) =>
      alone(lockOf(promotion), locks, async () => {
        const row = await db
          .selectFrom('promotions')
          .select('edition')
          .where('id', '=', promotion.id)
          .executeTakeFirst()
        if (row?.edition !== promotion.edition) throw movedOn(promotion)
        return run()
      }),
    settled: (promotion) => locks.transaction().execute((trx) => lockFor(lockOf(promotion), trx)),
  }
}

const lockOf = ({ id }: Promotion): string => `promotion ${id}`

const movedOn = ({ id }: Promotion): Error =>
  new Error(`promotion ${id} was saved by another run meanwhile: this one is repeated`)

function createUntold(db: Kysely<Tables>): Pick<Promotions, 'untoldPromotions' | 'markTold'> {
  return {
    async untoldPromotions(key) {
      const untold = db.selectFrom('promotions').select(['edition', 'data']).where('untold', '=', true)
      const found = await (key === undefined ? untold : untold.where(isFor(key))).orderBy('sequence').execute()
      return found.map(readPromotion)
    },
    async markTold({ id, edition = 0 }) {
      await db
        .updateTable('promotions')
        .set({ untold: false })
        .where('id', '=', id)
        .where('edition', '=', edition)
        .execute()
    },
  }
}

function createQuestions(db: Kysely<Tables>): Omit<Promotions, keyof Changes | 'untoldPromotions' | 'markTold'> {
  const rows = () => db.selectFrom('promotions').select(['edition', 'data'])
  return {
    async history(key) {
      const found = await rows().where(isFor(key)).orderBy('sequence', 'desc').execute()
      return found.map(readPromotion)
    },
    async promotion(id) {
      const row = await rows().where('id', '=', id).executeTakeFirst()
      return row && readPromotion(row)
    },
    async promotionOfPullRequest(number, repository) {
      const found = await rows().where('config_pull_request', '=', number).orderBy('sequence', 'desc').execute()
      return found
        .map(readPromotion)
        .find(({ pullRequest }) => pullRequest?.url.toLowerCase().endsWith(`/${repository}/pull/${number}`))
    },
    async promotionsOfThread(repository, thread) {
      const found = await rows()
        .where('repository', '=', repository)
        .where('thread', '=', thread)
        .orderBy('sequence')
        .execute()
      return found.map(readPromotion)
    },
    async activePromotions() {
      return (await rows().where('active', '=', true).orderBy('sequence').execute()).map(readPromotion)
    },
    async environmentsOf(repository) {
      // One step through the index for each environment: `distinct` would read the history of all of them.
      const { rows: found } = await sql<{ model: string; environment: string }>`
        with recursive known as (
          (select model, environment from promotions where repository = ${repository} order by model, environment limit 1)
          union all
          select next.* from known, lateral (
            select model, environment from promotions
            where repository = ${repository} and (model, environment) > (known.model, known.environment)
            order by model, environment limit 1) next
        ) select model, environment from known`.execute(db)
      return found.map(({ model, environment }) => ({
        model: model as ModelName,
        environment: environment as EnvironmentName,
      }))
    },
  }
}

async function update(db: Kysely<Tables>, promotion: Promotion): Promise<Promotion> {
  const { edition = 0 } = promotion
  const result = await db
    .updateTable('promotions')
    .set({ ...columnsOf(promotion), edition: edition + 1 })
    .where('id', '=', promotion.id)
    .where('edition', '=', edition)
    .executeTakeFirst()
  if (result.numUpdatedRows !== 1n) throw movedOn(promotion)
  return { ...promotion, edition: edition + 1 }
}

function columnsOf(promotion: Promotion) {
  const { edition: _, ...data } = promotion
  return {
    repository: promotion.repository,
    model: promotion.model,
    environment: promotion.environment,
    stage: promotion.stage.at,
    active: isActive(promotion),
    thread: promotion.thread ?? null,
    config_pull_request: promotion.pullRequest?.number ?? null,
    untold: !isActive(promotion),
    data: JSON.stringify(data),
  }
}

/** A `where` that names one (model, environment). */
const isFor =
  (key: EnvironmentKey) =>
  ({ eb }: { eb: import('kysely').ExpressionBuilder<Tables, 'promotions'> }) =>
    eb.and({ repository: key.repository, model: key.model, environment: key.environment })

// The casts below read back what this file wrote: the types are the ledger's own.
/** Deliveries arrive in any order; Git's own is what counts. */
function readRelease(row: { sequence: string; data: unknown }): ReleaseRecord {
  const data = row.data as Omit<ReleaseRecord, 'sequence'>
  return { ...data, sequence: data.depth ?? Number(row.sequence) }
}

const readPromotion = (row: { edition: number; data: unknown }): Promotion => ({
  ...(row.data as Promotion),
  edition: row.edition,
})
