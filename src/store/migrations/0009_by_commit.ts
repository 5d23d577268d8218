/** The ways from a commit to what is known of it: each event of a check asks for pull requests, `/deploy` for releases. ../comparisons.ts and ../ledger.ts use them. */
import { type Kysely, sql } from 'kysely'
import type { NamedMigration } from '../database.ts'

export const byCommit: NamedMigration = {
  name: '0009_by_commit',
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
  },
}

const STATEMENTS = [
  `create index comparisons_by_head on comparisons (repository, (data->>'headSha'))`,
  // People write the first digits.
  'create index releases_by_commit on releases (repository, commit_sha text_pattern_ops)',
  `create index releases_by_head on releases (repository, (data->'pullRequest'->>'headSha') text_pattern_ops)`,
]
