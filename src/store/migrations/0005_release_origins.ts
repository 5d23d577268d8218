/** A commit can be released twice: as the head of an unmerged pull request, and as what landed. ../ledger.ts tells them apart. */
import { type Kysely, sql } from 'kysely'
import type { NamedMigration } from '../database.ts'

export const releaseOrigins: NamedMigration = {
  name: '0005_release_origins',
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
  },
}

const STATEMENTS = [
  `alter table releases add column origin text not null default 'default_branch'`,
  'alter table releases drop constraint releases_pkey',
  'alter table releases add primary key (repository, model, commit_sha, origin)',
]
