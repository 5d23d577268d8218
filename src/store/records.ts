/** The ledger's smaller records on PostgreSQL: commands, publications, known files; and who installed the App. */
import { type Kysely, sql } from 'kysely'
import type { CommandRecord, Ledger, Publication } from '../services/ledger.ts'
import { withAudit } from './audit.ts'
import { createHolds } from './holds.ts'
import { alone } from './locks.ts'
import { rebuiltAt } from './rebuilt.ts'
import type { Tables } from './tables.ts'

type Records = Omit<
  Ledger,
  | 'beginRelease'
  | 'release'
  | 'saveRelease'
  | 'releaseById'
  | 'releasesOf'
  | 'pendingReleases'
  | 'verifiedReleases'
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
  | 'approve'
  | 'approvals'
  | 'approvalsBy'
>

/** `locks`: see `createLedger`. */
export function createRecords(db: Kysely<Tables>, locks: Kysely<Tables>): Records {
  return {
    ...createHolds(db),
    ...createCommands(db),
    ...createPublications(db),
    exclusively: (key, run) => alone(key, locks, run),
  }
}

const NEIGHBOURS = 50

type Commands = Pick<
  Ledger,
  'hearCommand' | 'command' | 'saveCommand' | 'unansweredCommands' | 'commandsAfter' | 'commandsToRun'
>

/** A command only goes on: what it came to in one run is not replaced by another's. To be done is no news, and may be said twice. */
const BEFORE: Readonly<Record<CommandRecord['state'], readonly CommandRecord['state'][]>> = {
  received: [],
  acknowledged: ['received'],
  running: ['acknowledged'],
  done: ['received', 'acknowledged', 'running', 'done'],
}

function createCommands(db: Kysely<Tables>): Commands {
  return {
    async hearCommand(record) {
      const result = await db
        .insertInto('commands')
        .values({
          repository: record.repository,
          comment_id: String(record.commentId),
          state: record.state,
          data: JSON.stringify(record),
        })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst()
      return result.numInsertedOrUpdatedRows === 1n
    },
    async command(repository, commentId) {
      const row = await db
        .selectFrom('commands')
        .select('data')
        .where('repository', '=', repository)
        .where('comment_id', '=', String(commentId))
        .executeTakeFirst()
      return row?.data as CommandRecord | undefined
    },
    async saveCommand(record) {
      const result = await db
        .updateTable('commands')
        .set({ state: record.state, data: JSON.stringify(record) })
        .where('repository', '=', record.repository)
        .where('comment_id', '=', String(record.commentId))
        .where('state', 'in', BEFORE[record.state])
        .executeTakeFirst()
      if (result.numUpdatedRows === 1n) return
      throw new Error(`the command ${record.repository} ${record.commentId} was answered by another run meanwhile`)
    },
    async unansweredCommands() {
      const rows = await db.selectFrom('commands').select('data').where('state', '<>', 'done').execute()
      return rows.map((row) => row.data as CommandRecord)
    },
    async commandsAfter(repositories, commentId) {
      // Of each repository the first ones in the order of its index: of several at once all that follow would be read.
      const { rows } = await sql<{ data: unknown }>`
        select next.data from unnest(${repositories}::text[]) asked (repository), lateral (
          select comment_id, data from commands
          where repository = asked.repository and comment_id > ${commentId} and state in ('running', 'done')
          order by comment_id limit ${NEIGHBOURS}) next
        order by next.comment_id limit ${NEIGHBOURS}`.execute(db)
      return rows.map((row) => row.data as CommandRecord)
    },
    async commandsToRun(repository, pullRequestNumber) {
      const rows = await db
        .selectFrom('commands')
        .select('data')
        .where('repository', '=', repository)
        // As the index of what is open has it.
        .where('state', '<>', 'done')
        .where('state', 'in', ['received', 'acknowledged'])
        .where('comment_id', '>', '0')
        .where(sql<string>`data->>'pullRequestNumber'`, '=', String(pullRequestNumber))
        .orderBy('comment_id')
        .limit(NEIGHBOURS)
        .execute()
      return rows.map((row) => row.data as CommandRecord)
    },
  }
}

type Publications = Pick<Ledger, 'publication' | 'savePublication' | 'forgetPushes' | 'knownFile' | 'saveKnownFile'>

function createPublications(db: Kysely<Tables>): Publications {
  return {
    async publication(key) {
      const row = await db.selectFrom('publications').selectAll().where('key', '=', key).executeTakeFirst()
      if (row === undefined) return LOOKED_FOR.some((kind) => key.startsWith(kind)) ? ofBefore(key, db) : undefined
      return {
        key,
        nodeId: row.node_id ?? undefined,
        hash: row.hash ?? undefined,
        intendedAt: row.intended_at ?? undefined,
        said: row.said ?? undefined,
      }
    },
    async savePublication({ key, nodeId, hash, intendedAt, said }, entry) {
      const columns = {
        node_id: nodeId ?? null,
        hash: hash ?? null,
        intended_at: intendedAt ?? null,
        said: said === undefined ? null : JSON.stringify(said),
      }
      await withAudit(entry, db, (transaction) =>
        transaction
          .insertInto('publications')
          .values({ key, ...columns })
          .onConflict((conflict) => conflict.column('key').doUpdateSet(columns))
          .execute(),
      )
    },
    async forgetPushes(before) {
      await db
        .deleteFrom('publications')
        // In the words of its index.
        .where(sql<boolean>`key like 'models at %'`)
        .where('intended_at', '<', before.toISOString())
        .execute()
    },
    async knownFile(repository, path) {
      const row = await db
        .selectFrom('known_files')
        .select(['oid', 'content'])
        .where('repository', '=', repository)
        .where('path', '=', path)
        .executeTakeFirst()
      return row && { oid: row.oid, text: row.content }
    },
    async saveKnownFile(repository, path, { oid, text }) {
      await db
        .insertInto('known_files')
        .values({ repository, path, oid, content: text })
        .onConflict((conflict) => conflict.columns(['repository', 'path']).doUpdateSet({ oid, content: text }))
        .execute()
    },
  }
}

/** What stands at GitHub and is known by its marker, name or payload there. */
const LOOKED_FOR = [
  'comparison ',
  'comparison-check ',
  'check:',
  'thread:',
  'reply:',
  'report:',
  'report-promotion:',
  'note:',
  'incident:',
  'deployment:',
]

/** In a ledger that was rebuilt, what nobody remembers may have been made before: as after a crash, it is looked for. */
async function ofBefore(key: string, db: Kysely<Tables>): Promise<Publication | undefined> {
  const at = await rebuiltAt(db)
  return at && { key, nodeId: undefined, hash: undefined, intendedAt: at.toISOString() }
}

/** Which installation acts for an owner: learnt from every webhook, so that no call is needed to find it. */
export type Installations = {
  installationOf(owner: string): Promise<number | undefined>
  saveInstallation(owner: string, installationId: number): Promise<void>
}

export function createInstallations(db: Kysely<Tables>): Installations {
  const saved = new Map<string, number>()
  return {
    async installationOf(owner) {
      const row = await db
        .selectFrom('installations')
        .select('installation_id')
        .where('owner', '=', owner.toLowerCase())
        .executeTakeFirst()
      return row && Number(row.installation_id)
    },
    async saveInstallation(owner, installationId) {
      // Every delivery says it, and says the same.
      if (saved.get(owner) === installationId) return
      const installation_id = String(installationId)
      await db
        .insertInto('installations')
        .values({ owner: owner.toLowerCase(), installation_id })
        .onConflict((conflict) => conflict.column('owner').doUpdateSet({ installation_id }))
        .execute()
      saved.set(owner, installationId)
    },
  }
}
