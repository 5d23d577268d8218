/** How far the search for lost deliveries has come, on PostgreSQL: the port in src/services/recover-deliveries.ts. */
import type { Kysely } from 'kysely'
import type { Tables } from './tables.ts'

export type Sweeps = {
  sweptUntil(): Promise<Date | undefined>
  saveSweptUntil(until: Date): Promise<void>
}

const DELIVERIES = 'deliveries'

/** The record of one database. */
export function createSweeps(db: Kysely<Tables>): Sweeps {
  return {
    async sweptUntil() {
      const row = await db.selectFrom('sweeps').select('swept_until').where('name', '=', DELIVERIES).executeTakeFirst()
      return row?.swept_until
    },
    async saveSweptUntil(until) {
      await db
        .insertInto('sweeps')
        .values({ name: DELIVERIES, swept_until: until })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ swept_until: until }))
        .execute()
    },
  }
}
