/** Waivers of gates, each a row of its own: two people who waive two gates at once both succeed. ../comparisons.ts uses them. */
import { type Kysely, sql } from 'kysely'
import type { NamedMigration } from '../database.ts'

export const waivers: NamedMigration = {
  name: '0008_waivers',
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
  },
}

const STATEMENTS = [
  `create table waivers (sequence bigserial primary key, repository text not null, number integer not null, head_sha text not null,
    model text not null, gate text not null, given_by text not null, revoked_by text, data jsonb not null)`,
  // Names of gates come from files and may be longer than an index takes.
  `create unique index waivers_standing on waivers (repository, number, head_sha, model, md5(gate)) where revoked_by is null`,
  'create unique index waivers_given on waivers (given_by, head_sha, model, md5(gate))',
]
