/** Holds of every scope and kind, each with an id of its own. What held before is kept: a rollback's hold is known by the words that it was given. ../holds.ts uses them. */
import { type Kysely, sql } from 'kysely'
import type { NamedMigration } from '../database.ts'

export const holds: NamedMigration = {
  name: '0006_holds',
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
  },
}

const OF_A_ROLLBACK = `data->>'by' ~ '(^|, )Lockkeeper(,|$)' or data->>'reason' ~ '(^|; )rolled back to .+ by '`

const STATEMENTS = [
  'alter table holds rename to holds_before',
  // Empty texts, not nulls: two nulls would not be the same scope to a unique index.
  `create table holds (
    sequence bigint generated always as identity,
    id text primary key, repository text not null, environment text not null, model text not null,
    kind text not null check (kind in ('lock', 'rollback')), ended_by text, data jsonb not null,
    check (environment <> '' or model = ''))`,
  `insert into holds (id, repository, environment, model, kind, data)
    select 'hold-' || substr(md5(concat_ws(' ', repository, environment, model)), 1, 16), repository, environment, model,
      case when ${OF_A_ROLLBACK} then 'rollback' else 'lock' end, data
    from holds_before`,
  'drop table holds_before',
  // The database itself refuses a second hold of one kind on one scope.
  'create unique index holds_one_of_a_kind on holds (repository, environment, model, kind) where ended_by is null',
  'create index holds_by_end on holds (ended_by) where ended_by is not null',
]
