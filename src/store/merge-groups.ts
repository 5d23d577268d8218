/** What is remembered of merge queues' heads, on PostgreSQL: the port `MergeGroups`. */
import type { Kysely } from 'kysely'
import type { MergeGroupRecord, MergeGroups } from '../services/ports.ts'
import type { Tables } from './tables.ts'

export function createMergeGroups(db: Kysely<Tables>): MergeGroups {
  return {
    async find(repository, sha) {
      const row = await db
        .selectFrom('merge_groups')
        .select('data')
        .where('repository', '=', repository)
        .where('sha', '=', sha)
        .executeTakeFirst()
      return row?.data as MergeGroupRecord | undefined
    },
    async remember(record, horizon) {
      const { repository, sha, pullRequest, askedAt } = record
      const columns = {
        pull_request_sha: pullRequest?.headSha ?? null,
        asked_at: new Date(askedAt),
        data: JSON.stringify(record),
      }
      await db.deleteFrom('merge_groups').where('asked_at', '<', horizon).execute()
      await db
        .insertInto('merge_groups')
        .values({ repository, sha, ...columns })
        .onConflict((conflict) => conflict.columns(['repository', 'sha']).doUpdateSet(columns))
        .execute()
    },
    async following(headSha, since) {
      const rows = await db
        .selectFrom('merge_groups')
        .select('data')
        .where('pull_request_sha', '=', headSha)
        .where('asked_at', '>=', since)
        .orderBy('asked_at')
        .execute()
      return rows.map(({ data }) => data as MergeGroupRecord)
    },
  }
}
