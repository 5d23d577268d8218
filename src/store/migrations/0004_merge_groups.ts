/** Heads of merge queues, and what check runs say, which those heads follow. ../merge-groups.ts and ../records.ts use them. */
import { type Kysely, sql } from 'kysely'
import type { NamedMigration } from '../database.ts'

export const mergeGroups: NamedMigration = {
  name: '0004_merge_groups',
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
  },
}

const STATEMENTS = [
  'alter table publications add column said jsonb',
  `create table merge_groups (repository text not null, sha text not null, pull_request_sha text,
    asked_at timestamptz not null, data jsonb not null, primary key (repository, sha))`,
  'create index merge_groups_by_pull_request on merge_groups (pull_request_sha)',
]
