/** Approvals given by `/approve`, each bound to one head of one promotion. ../approvals.ts uses them. */
import { type Kysely, sql } from 'kysely'
import type { NamedMigration } from '../database.ts'

export const approvals: NamedMigration = {
  name: '0007_approvals',
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
  },
}

const STATEMENTS = [
  // Without a pull request there is no head: '' then, since a null would not be unique.
  `create table approvals (promotion text not null references promotions (id), head text not null, login text not null,
    repository text not null, comment_id bigint not null, at timestamptz not null, primary key (promotion, head, login))`,
  'create index approvals_by_comment on approvals (repository, comment_id)',
]
