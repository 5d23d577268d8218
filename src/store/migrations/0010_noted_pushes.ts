/** What was noted of pushes to repositories without models gets a date, so that it can go again. ../records.ts drops it, without-models.ts notes it. */
import { type Kysely, sql } from 'kysely'
import type { NamedMigration } from '../database.ts'

export const notedPushes: NamedMigration = {
  name: '0010_noted_pushes',
  async up(db: Kysely<unknown>): Promise<void> {
    // Whoever is asked about one of these again asks GitHub once.
    await sql`delete from publications where key like 'models at %'`.execute(db)
    await sql`create index publications_of_pushes on publications (intended_at) where key like 'models at %'`.execute(
      db,
    )
  },
}
