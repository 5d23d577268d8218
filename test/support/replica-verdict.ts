/** What must be true once the storm over the replicas is past: nothing lost, nothing twice, everything as the lanes count it. */
import pg from 'pg'
import type { SeenPullRequest } from '../../sandbox/github/reading.ts'
import { CONFIG, MODELS, type World } from '../../sandbox/world/index.ts'
import { isHeard } from '../../src/app.ts'
import type { Lanes } from './replica-lanes.ts'
import { ALIAS } from './replica-world.ts'
import type { Replicas } from './replicas.ts'

/** The database of the replicas as a test sees it: also while its server comes and goes. */
export type ReplicaDatabase = {
  /** GitHub's log of deliveries is looked through now instead of in five minutes. */
  hurrySweep(): Promise<void>
  query(text: string): Promise<readonly Readonly<Record<string, unknown>>[]>
  close(): Promise<void>
}

export function openReplicaDatabase(url: string): ReplicaDatabase {
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  pool.on('error', () => {})
  pool.on('connect', (client) => void client.on('error', () => {}))
  const query = async (text: string) => (await pool.query<Record<string, unknown>>(text)).rows
  return {
    query,
    hurrySweep: async () => {
      await query(
        `update pgboss.job set start_after = now() where name = 'every-recover-deliveries' and state in ('created', 'retry')`,
      )
    },
    close: () => pool.end(),
  }
}

type Played = {
  readonly world: World
  readonly lanes: Lanes
  readonly replicas: Replicas
  readonly database: ReplicaDatabase
}

/** Everything that is not as it should be, in words; call it when nothing moves any more. */
export async function problemsAfter(played: Played): Promise<readonly string[]> {
  const { world, lanes, replicas } = played
  return [
    ...lanes.said.flatMap(({ model, number, body, problem }) =>
      problem === undefined ? [] : [`${model} #${number} ${body}: ${problem}`],
    ),
    ...repliesOf(world, lanes),
    ...comments(world, lanes),
    ...promotions(world, lanes),
    ...deployments(world, lanes),
    ...aliases(world, lanes),
    ...(await records(played)),
    ...(await deliveries(played)),
    ...replicas.accidents,
    ...world.violations(),
  ]
}

/** Each command has one reply, and no reply is of none. */
function repliesOf({ github }: World, { said, pulls }: Lanes): string[] {
  const expected = said.filter(({ comment }) => comment !== 0).map(({ comment }) => comment)
  const found = pulls.flatMap((number) =>
    github
      .comments(MODELS, number)
      .flatMap(({ body }) => /^<!-- lockkeeper:reply:v1 comment=(\d+) /.exec(body)?.[1] ?? []),
  )
  return unequal('replies', found.map(Number), expected)
}

/** No comment, and no check run, stands twice anywhere. */
function comments({ github }: World, { pulls }: Lanes): string[] {
  const places = [
    ...pulls.map((number) => ({ repository: MODELS, number })),
    ...github.pullRequests(CONFIG).map(({ number }) => ({ repository: CONFIG, number })),
  ]
  return places.flatMap(({ repository, number }) => {
    const own = github.comments(repository, number).filter(({ author }) => author.endsWith('[bot]'))
    const markers = own.map(({ body }) => body.split('\n')[0] ?? '')
    const { headSha } = github.pullRequest(repository, number)
    const checks = github.checkRuns(repository, headSha).map(({ name }) => `check run ${name}`)
    return twice([...markers, ...checks]).map((what) => `twice on ${repository}#${number}: ${what}`)
  })
}

function promotions({ github }: World, { tally }: Lanes): string[] {
  const pulls = github.pullRequests(CONFIG)
  const merged = pulls.filter((pull) => pull.merged)
  const merges = github
    .log(CONFIG, 'main')
    .flatMap(({ message }) => /^Promote[^\n]*\(#(\d+)\)|^Roll[^\n]*\(#(\d+)\)/.exec(message)?.[0] ?? [])
  return [
    ...unequal('promotion pull requests', [pulls.length], [tally.opened]),
    ...unequal('merged promotions', [merged.length], [tally.merged]),
    ...unequal(
      'cancelled promotions',
      [pulls.filter((pull) => !pull.merged && pull.state === 'closed').length],
      [tally.cancelled],
    ),
    ...twice(merges).map((what) => `merged twice: ${what}`),
    ...pulls.flatMap(({ number, commits }) =>
      commits.length === 1 ? [] : [`#${number} has ${commits.length} commits`],
    ),
    ...overlaps(pulls),
  ]
}

/** At most one at a time for each model. */
function overlaps(pulls: readonly SeenPullRequest[]): string[] {
  return [...Map.groupBy(pulls, ({ headRef }) => headRef).values()].flatMap((ofModel) =>
    ofModel.flatMap((pull, index) => {
      const next = ofModel[index + 1]
      if (next === undefined || (pull.closedAt !== null && pull.closedAt <= next.createdAt)) return []
      return [`${pull.headRef}: #${pull.number} and #${next.number} were open at once`]
    }),
  )
}

function deployments({ github }: World, { tally }: Lanes): string[] {
  const all = github.deployments(MODELS)
  const causes = all.map(({ payload }) => (typeof payload === 'string' ? payload : String(payload['promotion'])))
  return [
    ...unequal('Deployments', [all.length], [tally.merged]),
    ...twice(causes).map((what) => `two Deployments of ${what}`),
    ...all.flatMap(({ environment, statuses }) =>
      ['success', 'inactive'].includes(statuses.at(-1)?.state ?? '')
        ? []
        : [`the Deployment to ${environment} ended ${statuses.at(-1)?.state}`],
    ),
  ]
}

/** Each version once, in its order: whoever was interrupted may say the same again, and nobody goes back to what was before. */
function aliases({ mlflow }: World, { aliased }: Lanes): string[] {
  const moves = mlflow.requests
    .filter(({ method, path }) => method === 'POST' && path.endsWith('/registered-models/alias'))
    .map(({ body }) => /"version": ?"(\d+)"/.exec(body)?.[1] ?? body)
    .filter((version, index, all) => version !== all[index - 1])
  const [found, wanted] = [moves, aliased].map((versions) => versions.join(', '))
  return [
    ...(found === wanted ? [] : [`moves of the alias: ${found}, wanted ${wanted}`]),
    ...unequal('the alias', [mlflow.alias(ALIAS) ?? 'nowhere'], [aliased.at(-1) ?? 'nowhere']),
  ]
}

/** What the audit log tells, and what the queue keeps. */
async function records({ lanes: { tally }, database }: Played): Promise<string[]> {
  const counted = new Map(
    (await database.query('select action, count(*)::int as count from audit group by action')).map(
      ({ action, count }) => [String(action), Number(count)],
    ),
  )
  const regular = await database.query(
    `select name, count(*)::int as count from pgboss.job where name like 'every-%' and state in ('created', 'retry', 'active') group by name`,
  )
  return [
    ...unequal('locks in the audit log', [counted.get('lock') ?? 0], [tally.locked]),
    ...unequal('unlocks in the audit log', [counted.get('unlock') ?? 0], [tally.unlocked]),
    ...unequal('cancellations in the audit log', [counted.get('cancel') ?? 0], [tally.cancelled]),
    ...unequal(
      'regular jobs',
      regular.map(({ name, count }) => `${name} ${count}`),
      ['every-forget-bodies 1', 'every-recover-deliveries 1'],
    ),
    ...(await database.query(`select data->>'event' as event from pgboss.job where name = 'dead'`)).map(
      ({ event }) => `given up: ${event}`,
    ),
    ...(await database.query(`select count(*)::int as count from commands where state <> 'done'`)).flatMap(
      ({ count }) => (count === 0 ? [] : [`${count} commands are not done in the ledger`]),
    ),
  ]
}

/** How many of GitHub's deliveries are nowhere in the database. */
export async function unfoundDeliveries({ world, database }: Pick<Played, 'world' | 'database'>): Promise<number> {
  const missing = await missingFrom(database)
  // What nobody hears is not looked for.
  const heard = world.github.deliveries.filter(({ event, action }) => isHeard(event, action ?? undefined))
  return missing(heard.map(({ guid }) => guid))
}

/** Whatever was answered 202 is in the database; whatever was not was found in GitHub's log. */
async function deliveries(played: Played): Promise<string[]> {
  const lost = (await missingFrom(played.database))(played.replicas.acknowledged)
  const unfound = await unfoundDeliveries(played)
  return [
    ...(lost === 0 ? [] : [`${lost} deliveries were acknowledged and lost`]),
    ...(unfound === 0 ? [] : [`${unfound} deliveries were never found`]),
  ]
}

async function missingFrom(database: ReplicaDatabase): Promise<(guids: Iterable<string>) => number> {
  const rows = await database.query(
    `select id::text from pgboss.job where name in ('inbox', 'dead') union select id::text from pgboss.handled_delivery`,
  )
  const known = new Set(rows.map(({ id }) => String(id)))
  return (guids) => [...new Set(guids)].filter((guid) => !known.has(guid)).length
}

function unequal<Item extends string | number>(
  what: string,
  found: readonly Item[],
  wanted: readonly Item[],
): string[] {
  const [seen, expected] = [found, wanted].map((items) => items.map(String).toSorted().join(', '))
  return seen === expected ? [] : [`${what}: ${seen}, wanted ${expected}`]
}

function twice(items: readonly string[]): string[] {
  return [...Map.groupBy(items, (item) => item)].flatMap(([item, { length }]) => (length > 1 ? [item] : []))
}
