/** The first tables. A migration that has shipped is never edited: later changes are later files. */
import { type Kysely, sql } from 'kysely'
import type { NamedMigration } from '../database.ts'

export const ledger: NamedMigration = {
  name: '0001_ledger',
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
  },
}

const STATEMENTS = [
  `create table releases (
    sequence bigint generated always as identity,
    repository text not null, model text not null, commit_sha text not null,
    pull_request integer, release_id text, state text not null, data jsonb not null,
    primary key (repository, model, commit_sha))`,
  'create index releases_by_pull_request on releases (repository, pull_request)',
  'create index releases_by_id on releases (repository, release_id)',
  `create index releases_pending on releases (sequence) where state = 'pending'`,
  `create table promotions (
    sequence bigint generated always as identity,
    id text primary key,
    repository text not null, model text not null, environment text not null,
    stage text not null, active boolean not null, thread integer, config_pull_request integer, data jsonb not null)`,
  // The database itself refuses a second active promotion of one (model, environment).
  'create unique index promotions_one_active on promotions (repository, model, environment) where active',
  'create index promotions_by_environment on promotions (repository, model, environment, sequence desc)',
  'create index promotions_by_thread on promotions (repository, thread)',
  'create index promotions_by_pull_request on promotions (config_pull_request)',
  `create table holds (repository text not null, model text not null, environment text not null, data jsonb not null,
    primary key (repository, model, environment))`,
  `create table commands (repository text not null, comment_id bigint not null, state text not null, data jsonb not null,
    primary key (repository, comment_id))`,
  `create index commands_open on commands (repository) where state <> 'done'`,
  'create table publications (key text primary key, node_id text, hash text, intended_at text)',
  'create table comparisons (repository text not null, number integer not null, data jsonb not null, primary key (repository, number))',
  'create table known_files (repository text not null, path text not null, oid text not null, content text not null, primary key (repository, path))',
  'create table installations (owner text primary key, installation_id bigint not null)',
  `create table audit (id bigint generated always as identity primary key, at timestamptz not null,
    actor text not null, action text not null, subject text not null, detail jsonb not null)`,
]
