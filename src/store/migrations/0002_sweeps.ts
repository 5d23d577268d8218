/** Until when GitHub's list of failed deliveries has been read. ../sweeps.ts uses it. */
import { type Kysely, sql } from 'kysely'
import type { NamedMigration } from '../database.ts'

export const sweeps: NamedMigration = {
  name: '0002_sweeps',
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`create table sweeps (name text primary key, swept_until timestamptz not null)`.execute(db)
  },
}
