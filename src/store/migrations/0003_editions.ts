/** Promotions count their savings, and remember whether their end was told. ../ledger.ts uses both. */
import { type Kysely, sql } from 'kysely'
import type { NamedMigration } from '../database.ts'

export const editions: NamedMigration = {
  name: '0003_editions',
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
  },
}

const STATEMENTS = [
  'alter table promotions add column edition integer not null default 1',
  'alter table promotions add column untold boolean not null default false',
  'create index promotions_untold on promotions (sequence) where untold',
]
