/** What is remembered of comparisons, on PostgreSQL: the port `ComparisonStore`, and the way back from a head to its pull requests. */
import { type Kysely, sql } from 'kysely'
import type { ComparisonRecord, ComparisonStore } from '../services/ports.ts'
import type { Tables } from './tables.ts'
import { createWaivers } from './waivers.ts'

export type Comparisons = ComparisonStore & {
  /** Numbers of the pull requests whose newest known head is `sha`: events of forks and commit statuses name only the commit. */
  pullRequestsAt(repository: string, sha: string): Promise<readonly number[]>
}

export function createComparisonStore(db: Kysely<Tables>): Comparisons {
  return {
    ...createWaivers(db),
    async get(repository, number) {
      const row = await db
        .selectFrom('comparisons')
        .select('data')
        .where('repository', '=', repository)
        .where('number', '=', number)
        .executeTakeFirst()
      return row?.data as ComparisonRecord | undefined
    },
    async save(record) {
      const data = JSON.stringify(record)
      await db
        .insertInto('comparisons')
        .values({ repository: record.repository, number: record.number, data })
        .onConflict((conflict) => conflict.columns(['repository', 'number']).doUpdateSet({ data }))
        .execute()
    },
    async pullRequestsAt(repository, sha) {
      const rows = await db
        .selectFrom('comparisons')
        .select('number')
        .where('repository', '=', repository)
        .where(sql`data->>'headSha'`, '=', sha)
        .execute()
      return rows.map(({ number }) => number)
    },
  }
}
