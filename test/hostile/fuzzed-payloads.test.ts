/**
 * Signed deliveries that say what GitHub never says: the running program reads them or leaves them, and nothing comes of them.
 * 10,000, or LOCKKEEPER_TEST_RUNS; LOCKKEEPER_TEST_SEED draws others.
 */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openChurnPullRequest } from '../../sandbox/world/acts.ts'
import { seeded } from '../support/fault-plans.ts'
import {
  type AttackedBot,
  inParallel,
  type Postman,
  postman,
  runs,
  SEED,
  sign,
  startAttackedBot,
} from './attacked-bot.ts'
import { examples, mutated } from './mutate.ts'

const COUNT = runs(10_000)
/** Handling one, from when a worker took it, on a machine that does other things as well. */
const PATIENCE_SECONDS = 5

const TOO_LATE = /^a webhook could not be stored not stored after \d+ ms/

const HEARD = new Set([
  ...['pull_request', 'pull_request_review', 'pull_request_review_thread', 'push', 'check_run', 'check_suite'],
  ...['status', 'deployment_status', 'merge_group', 'issue_comment', 'installation', 'installation_repositories'],
])

let attacked: AttackedBot
let mail: Postman
beforeAll(async () => {
  attacked = await startAttackedBot()
  mail = postman(attacked.bot.url, 8)
}, 120_000)
afterAll(async () => {
  mail?.close()
  await attacked?.close()
})

test(`${COUNT} payloads (seed ${SEED}) crash nothing, hold nothing up and change nothing at GitHub`, {
  timeout: 900_000,
}, async () => {
  const { world, bot, db } = attacked
  await keepForgotten(db)
  const pull = openChurnPullRequest(world, 'better')
  await attacked.settle()
  const pid = bot.pid()
  const effects = attacked.effects()
  const draw = seeded(SEED)
  const heard = examples().filter(({ name }) => HEARD.has(name))
  const installation = world.github.deliveries.find(({ event }) => event === 'pull_request')?.payload
  const ours = { ...Object(installation)['repository'] }
  const statuses = new Map<number, number>()
  let late = 0
  await inParallel(COUNT, 8, async () => {
    const { name, payload } = heard[Math.floor(draw() * heard.length)] ?? { name: 'ping', payload: {} }
    const about =
      // That a merge queue has such a head is known from its event alone.
      draw() < 0.5 || name === 'merge_group'
        ? payload
        : {
            ...aboutOurs(payload, { ...pull, repository: ours }),
            installation: Object(installation)['installation'],
          }
    const body = mutated(about, draw)
    const letter = { body, event: name, id: randomUUID(), signatures: ['X-Hub-Signature-256', sign(body)] }
    let { status, text } = await mail.deliver(letter)
    // A database without a processor for nine seconds: what is not stored is not acknowledged, and comes again.
    for (let again = 0; again < 3 && status === 503 && text.includes('store_unavailable'); again += 1) {
      late += 1
      ;({ status, text } = await mail.deliver(letter))
    }
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
  })
  await attacked.settle()
  expect(bot.pid()).toBe(pid)
  expect(attacked.errors().filter((error) => !TOO_LATE.test(error))).toEqual([])
  expect(late).toBeLessThan(1 + COUNT / 1000)
  expect([...statuses]).toEqual([[202, COUNT]])
  expect(attacked.effects()).toEqual(effects)
  const { rows } = await db.query(
    `select data->>'event' as event, state, retry_count, output->>'message' as said, left(data->>'body', 300) as body
     from (select * from pgboss.job union all select * from forgotten) as jobs where ${REMARKABLE}`,
  )
  expect(rows).toEqual([])
})

/** A delivery that was not handled at once, or at the first attempt. */
const REMARKABLE = `name in ('inbox', 'dead')
  and (state <> 'completed' or retry_count > 0 or completed_on - started_on > ${PATIENCE_SECONDS} * interval '1 s')`

/** The queue forgets what was handled each minute: what was remarkable about it is kept here. */
async function keepForgotten(db: AttackedBot['db']): Promise<void> {
  await db.query('create table forgotten (like pgboss.job)')
  await db.query(`create function keep_forgotten() returns trigger language plpgsql as
    'begin insert into forgotten select old.*; return old; end'`)
  await db.query(`create trigger keep_forgotten before delete on pgboss.job for each row
    execute function keep_forgotten()`)
}

type Ours = { readonly repository: object; readonly number: number; readonly headSha: string }

/** The payload as one about a repository, a pull request and a commit that there are. */
function aboutOurs(payload: unknown, { repository, number, headSha }: Ours): object {
  const copy = Object(JSON.parse(JSON.stringify(payload).replaceAll(/"[0-9a-f]{40}"/g, `"${headSha}"`)))
  const numbered = ['issue', 'pull_request'].filter((key) => key in copy).map((key) => [key, { ...copy[key], number }])
  return { ...copy, repository, ...Object.fromEntries(numbered) }
}
