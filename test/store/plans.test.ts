/** Every question and every change goes through an index, however much is there: the plans that PostgreSQL makes with 100,000 rows in each table that grows. */
import { type CompiledQuery, Kysely, PostgresDialect, sql } from 'kysely'
import { beforeAll, expect, it } from 'vitest'
import type { CommitSha, EnvironmentName, ModelName, ReleaseId, RepoName } from '../../src/domain/ids.ts'
import type { Promotion } from '../../src/domain/promotion.ts'
import type { CommandRecord, Ledger, ReleaseRecord } from '../../src/services/ledger.ts'
import type { ComparisonRecord } from '../../src/services/ports.ts'
import { type Comparisons, createComparisonStore } from '../../src/store/comparisons.ts'
import { createLedger } from '../../src/store/ledger.ts'
import type { Tables } from '../../src/store/tables.ts'
import { ledgerBench } from '../support/ledger.ts'

const ROWS = 100_000

/** Years of one repository with a hundred models: of each table what its questions look for. The last few are unfinished. */
const YEARS = [
  `insert into releases (repository, model, commit_sha, pull_request, release_id, state, data)
   select 'acme/models', 'm' || n % 100, lpad(to_hex(n), 40, '0'), n, 'r' || n, case when n > ${ROWS - 5} then 'pending' else 'complete' end,
     jsonb_build_object('repository', 'acme/models', 'model', 'm' || n % 100, 'commit', lpad(to_hex(n), 40, '0'), 'state', jsonb_build_object('kind', 'given-up'),
       'pullRequest', jsonb_build_object('number', n, 'headSha', 'f' || lpad(to_hex(n), 39, '0'))) from generate_series(1, ${ROWS}) n`,
  `insert into promotions (id, repository, model, environment, stage, active, thread, config_pull_request, untold, data)
   select 'p' || n, 'acme/models', 'm' || n % 100, 'prod', 'verified', n > ${ROWS - 50}, n, n, false,
     jsonb_build_object('id', 'p' || n, 'repository', 'acme/models', 'model', 'm' || n % 100, 'environment', 'prod', 'release', 'r' || n,
       'stage', jsonb_build_object('at', 'verified')) from generate_series(1, ${ROWS}) n`,
  `insert into commands (repository, comment_id, state, data)
   select 'acme/models', n, case when n > ${ROWS - 5} then 'received' else 'done' end, '{}' from generate_series(1, ${ROWS}) n`,
  `insert into publications (key, node_id, hash) select 'comparison acme/models#' || n, 'x', 'y' from generate_series(1, ${ROWS}) n`,
  `insert into comparisons (repository, number, data)
   select 'acme/models', n, jsonb_build_object('headSha', 'f' || lpad(to_hex(n), 39, '0')) from generate_series(1, ${ROWS}) n`,
  `insert into holds (id, repository, environment, model, kind, ended_by, data)
   select 'h' || n, 'acme/models', 'prod', 'm' || n % 100, 'lock', 'cause ' || n, '{}' from generate_series(1, ${ROWS}) n`,
  `insert into waivers (repository, number, head_sha, model, gate, given_by, data)
   select 'acme/models', n, 'f' || lpad(to_hex(n), 39, '0'), 'churn', 'f1', 'comment ' || n, '{}' from generate_series(1, ${ROWS}) n`,
  `insert into approvals (promotion, head, login, repository, comment_id, at)
   select 'p' || n, 'f' || lpad(to_hex(n), 39, '0'), 'bob', 'acme/models', n, now() from generate_series(1, ${ROWS}) n`,
]

const repository = 'acme/models' as RepoName
const [model, environment] = ['m7' as ModelName, 'prod' as EnvironmentName]
const commit = '7'.padStart(40, '0') as CommitSha
const head = `f${'7'.padStart(39, '0')}` as CommitSha
const at = new Date('2026-11-17T10:00:00Z')
const entry = { at, actor: 'alice', action: 'test', subject: 'test', detail: {} }

const bench = ledgerBench({ per: 'file' })
let asked: CompiledQuery[] = []
/** The same ledger, whose questions are noted. */
let ledger: Ledger
let comparisons: Comparisons
let promotion: Promotion
let release: ReleaseRecord

beforeAll(async () => {
  const { database } = bench
  for (const statement of YEARS) await sql.raw(statement).execute(database.db)
  await sql`analyze`.execute(database.db)
  const db = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: database.pool }),
    log: ({ query }) => {
      asked.push(query)
    },
  })
  ledger = createLedger(db)
  comparisons = createComparisonStore(db)
  const [known, pending] = [await ledger.promotion('p7'), await ledger.release(repository, model, commit)]
  if (known === undefined || pending === undefined) throw new Error('the rows are not there')
  promotion = known
  release = pending
}, 120_000)

const key = { repository, model, environment }
const headOf = { repository, number: 7, headSha: head }
const waiver = { ...headOf, model, gate: 'f1', by: 'alice', reason: 'outage', at: at.toISOString() }
const hold = { id: 'hold', repository, environment, model, kind: 'lock', by: 'alice', reason: 'audit', since: at }

/** Each method once, as it is asked in the middle of a life. What PostgreSQL then refuses does not matter: only its plan does. */
const LEDGER: { readonly [Method in keyof Ledger]: () => Promise<unknown> } = {
  beginRelease: () => ledger.beginRelease({ ...release, commit: head }),
  release: () => ledger.release(repository, model, commit),
  saveRelease: () => ledger.saveRelease(release, entry),
  releaseById: () => ledger.releaseById(repository, 'r7' as ReleaseId),
  releasesOf: async () => {
    await ledger.releasesOf({ repository, model })
    await ledger.releasesOf({ repository, pullRequest: 7 })
    await ledger.releasesOf({ repository, commit: commit.slice(0, 39) })
    await ledger.releasesOf({ repository, commit })
  },
  verifiedReleases: () => ledger.verifiedReleases(key, 5),
  pendingReleases: async () => {
    await ledger.pendingReleases()
    await ledger.pendingReleases({ repository, commit })
  },
  history: () => ledger.history(key),
  propose: () => ledger.propose({ ...promotion, id: 'new' }, undefined, entry),
  savePromotion: () => ledger.savePromotion(promotion, entry),
  undisturbed: () => ledger.undisturbed(promotion, async () => {}),
  settled: () => ledger.settled(promotion),
  untoldPromotions: async () => {
    await ledger.untoldPromotions()
    await ledger.untoldPromotions(key)
  },
  markTold: () => ledger.markTold(promotion),
  promotion: () => ledger.promotion('p7'),
  promotionOfPullRequest: () => ledger.promotionOfPullRequest(7, repository),
  promotionsOfThread: () => ledger.promotionsOfThread(repository, 7),
  activePromotions: () => ledger.activePromotions(),
  environmentsOf: () => ledger.environmentsOf(repository),
  holds: () => ledger.holds([repository, 'acme/config' as RepoName]),
  placeHold: () => ledger.placeHold(hold as Parameters<Ledger['placeHold']>[0], at),
  liftHold: () => ledger.liftHold(hold as Parameters<Ledger['liftHold']>[0], { by: 'alice', cause: 'x', at }),
  holdsEndedBy: () => ledger.holdsEndedBy('cause 7'),
  wasPlaced: () => ledger.wasPlaced('hold-7'),
  approve: () => ledger.approve({ promotion: 'p7', head, login: 'bob', by: { repository, commentId: 7 }, at }, entry),
  approvals: () => ledger.approvals('p7'),
  approvalsBy: () => ledger.approvalsBy({ repository, commentId: 7 }),
  hearCommand: () => ledger.hearCommand({ repository, commentId: 7, state: 'received' } as CommandRecord),
  command: () => ledger.command(repository, 7),
  saveCommand: () => ledger.saveCommand({ repository, commentId: ROWS, state: 'acknowledged' } as CommandRecord),
  unansweredCommands: () => ledger.unansweredCommands(),
  commandsAfter: () => ledger.commandsAfter([repository, 'acme/config' as RepoName], 7),
  commandsToRun: () => ledger.commandsToRun(repository, 70),
  publication: () => ledger.publication('comparison acme/models#7'),
  savePublication: () =>
    ledger.savePublication({ key: 'comparison acme/models#7', nodeId: 'x', hash: 'z', intendedAt: undefined }, entry),
  forgetPushes: () => ledger.forgetPushes(at),
  knownFile: () => ledger.knownFile(repository, 'x'),
  saveKnownFile: () => ledger.saveKnownFile(repository, 'x', { oid: 'x', text: 'x' }),
  exclusively: () => ledger.exclusively('x', async () => {}),
}

const COMPARISONS: { readonly [Method in keyof Comparisons]: () => Promise<unknown> } = {
  get: () => comparisons.get(repository, 7),
  save: () => comparisons.save({ ...headOf, isCompleted: true } as ComparisonRecord),
  waivers: () => comparisons.waivers(headOf),
  addWaiver: () => comparisons.addWaiver(waiver as Parameters<Comparisons['addWaiver']>[0], 'comment 8'),
  revokeWaiver: () =>
    comparisons.revokeWaiver(headOf, waiver as unknown as Parameters<Comparisons['revokeWaiver']>[1], 'comment 9'),
  pullRequestsAt: () => comparisons.pullRequestsAt(repository, head),
}

type Plan = { readonly 'Node Type': string; readonly 'Relation Name'?: string; readonly Plans?: readonly Plan[] }

/** Tables that are read from end to end. Whoever has little in them (settings of a few installations) may be. */
const scanned = (plan: Plan): readonly string[] => [
  ...(plan['Node Type'] === 'Seq Scan' ? [plan['Relation Name'] ?? ''] : []),
  ...(plan.Plans ?? []).flatMap(scanned),
]
const SMALL = ['known_files', 'merge_groups', 'installations', 'sweeps']

async function scansOf({ sql: text, parameters }: CompiledQuery): Promise<readonly string[]> {
  if (!/^\s*(select|insert|update|delete|with)\b/i.test(text)) return []
  const { rows } = await bench.database.pool.query(`explain (format json) ${text}`, [...parameters])
  return scanned(rows[0]['QUERY PLAN'][0].Plan).filter((table) => !SMALL.includes(table))
}

it.each([...Object.entries(LEDGER), ...Object.entries(COMPARISONS)])('%s', async (_, ask) => {
  asked = []
  await ask().catch(() => {})
  expect(asked.length).toBeGreaterThan(0)
  for (const query of asked) expect(await scansOf(query), query.sql).toEqual([])
})

it('the environments of a repository are each named once, however long their history', async () => {
  const found = await ledger.environmentsOf(repository)
  expect(found).toHaveLength(100)
  expect(new Set(found.map((each) => `${each.model} ${each.environment}`)).size).toBe(100)
  expect(await ledger.environmentsOf('acme/other' as RepoName)).toEqual([])
})

it('a release is found by the first digits of its commit, and of the head of its pull request', async () => {
  const found = async (digits: string) =>
    (await ledger.releasesOf({ repository, commit: digits })).map((one) => one.commit)
  const other = commit.replace(/7$/, '8')
  expect(await found(other)).toEqual([other])
  expect(await found(head.replace(/7$/, '8'))).toEqual([other])
  expect(await found(other.slice(0, 39))).toContain(other)
  expect(await found('%')).toEqual([])
})
