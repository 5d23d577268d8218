/** The queues of queue.ts and their settings. A changed setting reaches an existing database at the next start. */
import type { PgBoss, Queue } from 'pg-boss'

/** pg-boss's own schema in the database. */
export const SCHEMA = 'pgboss'
export const INBOX = 'inbox'
export const RECONCILE = 'reconcile'
export const WAKE = 'wake'
/** The ids of deliveries that were handled, and when that was noted. */
export const HANDLED = `${SCHEMA}.handled_delivery`
const DEAD = 'dead'
/** Each regular job has a queue of its own, so that a replica without that job does not take it. */
export const regularQueue = (name: string) => `every-${name}`

const DAYS = 24 * 60 * 60
/** How long a delivery's id is remembered (its body only until it was handled), and how long a job may wait: GitHub keeps deliveries for less. */
export const KEPT_SECONDS = 14 * DAYS
/** pg-boss counts crashes as retries. A subject must survive any number of them; the gap grows to five minutes. */
const PRACTICALLY_UNLIMITED = 1_000_000

/** After a `kill -9` another replica takes the job over when its heartbeat is this old (pg-boss's minimum). */
export const HEARTBEAT_SECONDS = 10

type Definition = Omit<Queue, 'name'>

const DEAD_DEFINITION: Definition = { retentionSeconds: KEPT_SECONDS, deleteAfterSeconds: KEPT_SECONDS }

const INBOX_DEFINITION: Definition = {
  notify: true,
  retentionSeconds: KEPT_SECONDS,
  deleteAfterSeconds: KEPT_SECONDS,
  heartbeatSeconds: HEARTBEAT_SECONDS,
  retryLimit: 8,
  retryDelay: 1,
  retryBackoff: true,
  retryDelayMax: 120,
  deadLetter: DEAD,
}

/**
 * `stately`: at most one waiting and one running job per key, so hints coalesce and one that comes during a run leads to another run.
 * Alone it lets one busy key block all others; with `group` on the jobs and `groupConcurrency: 1` on the workers it does not.
 */
const RECONCILE_DEFINITION: Definition = {
  policy: 'stately',
  notify: true,
  retentionSeconds: KEPT_SECONDS,
  deleteAfterSeconds: 60 * 60,
  heartbeatSeconds: HEARTBEAT_SECONDS,
  retryLimit: PRACTICALLY_UNLIMITED,
  retryDelay: 1,
  retryBackoff: true,
  retryDelayMax: 300,
}

/** `short`: at most one waiting timer per key. Retention counts from the timer's due time. */
const WAKE_DEFINITION: Definition = {
  policy: 'short',
  notify: true,
  retentionSeconds: KEPT_SECONDS,
  deleteAfterSeconds: 60,
  heartbeatSeconds: HEARTBEAT_SECONDS,
  retryLimit: PRACTICALLY_UNLIMITED,
  retryDelay: 1,
  retryBackoff: true,
  retryDelayMax: 60,
}

const REGULAR_DEFINITION: Definition = { ...WAKE_DEFINITION, policy: 'stately', deleteAfterSeconds: 60 * 60 }

/** Makes the queues, or brings their settings up to date. */
export async function createQueues(boss: PgBoss): Promise<void> {
  await ensure(boss, DEAD, DEAD_DEFINITION)
  await ensure(boss, INBOX, INBOX_DEFINITION)
  await ensure(boss, RECONCILE, RECONCILE_DEFINITION)
  await ensure(boss, WAKE, WAKE_DEFINITION)
  await once(boss, 'handled_delivery', createHandled)
  await once(boss, 'forget_running_keys', forgetRunningKeys)
}

/** With the next to no cost of one look into an index: a second statement would be one more wait for each webhook. */
const createHandled = `
  if to_regclass('${HANDLED}') is not null then return; end if;
  create table ${HANDLED} (id uuid primary key, at timestamptz not null default now());
  create index handled_delivery_at on ${HANDLED} (at);
  create function ${SCHEMA}.skip_handled() returns trigger language plpgsql as
    $$ begin if exists (select from ${HANDLED} where id = new.id) then return null; end if; return new; end $$;
  create trigger skip_handled before insert on ${SCHEMA}.job for each row
    when (new.name = '${INBOX}') execute function ${SCHEMA}.skip_handled();`

/**
 * pg-boss writes down once a second which keys of a `stately` queue run, and fetches no job of theirs until it writes again: a hint that comes
 * during a run would wait for a second or two after its end. `groupConcurrency: 1` looks at the jobs themselves and says the same, so that
 * this queue does without the note; the index of one running job per key holds either way.
 */
const forgetRunningKeys = `
  if exists (select from pg_trigger where tgname = 'forget_running_keys' and tgrelid = '${SCHEMA}.queue'::regclass) then return; end if;
  create or replace function ${SCHEMA}.forget_running_keys() returns trigger language plpgsql as
    $$ begin new.singletons_active := null; return new; end $$;
  create trigger forget_running_keys before update on ${SCHEMA}.queue for each row
    when (new.name = '${RECONCILE}' and new.singletons_active is not null) execute function ${SCHEMA}.forget_running_keys();`

/** Replicas may start together: the second waits, and finds it made. */
async function once(boss: PgBoss, name: string, statements: string): Promise<void> {
  await boss.getDb().executeSql(
    `do $do$ begin
       perform pg_advisory_xact_lock(hashtextextended('${SCHEMA}.${name}', 0));
       ${statements}
     end $do$`,
  )
}

/** The queue of a regular job. */
export async function createRegularQueue(boss: PgBoss, name: string): Promise<void> {
  await ensure(boss, regularQueue(name), REGULAR_DEFINITION)
}

async function ensure(boss: PgBoss, name: string, definition: Definition): Promise<void> {
  await boss.createQueue(name, definition)
  const { policy: _fixed, ...changeable } = definition
  await boss.updateQueue(name, changeable)
}
