/** A pull request of acme/models with MLflow beside it, in memory: for tests of the comparison's services. Ports that are not meant to be used throw. */
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import { SystemUnavailable } from '../../src/domain/failure.ts'
import { type CommitSha, parseRepoName, type RepoName } from '../../src/domain/ids.ts'
import type { Release } from '../../src/domain/release.ts'
import type { Need } from '../../src/domain/server-policy.ts'
import { createCompareModel } from '../../src/services/compare-model.ts'
import type { Ledger, Publication } from '../../src/services/ledger.ts'
import type {
  Buckets,
  CheckRunOutput,
  CheckState,
  Clock,
  ComparisonRecord,
  GitHub,
  GitHubWrite,
  GitHubWriteResult,
  Mlflow,
  MlflowRun,
  PullRequestView,
  RepoFile,
  WaiverRecord,
  Wandb,
} from '../../src/services/ports.ts'
import { type RefreshDeps, refreshComparison } from '../../src/services/refresh-comparison.ts'
import { sha } from '../comments/comparison-fixture.ts'
import { silentLog } from '../support/log.ts'

export const HEAD = sha('3f9c2e1')
export const BASE = sha('ba5e')
const APP_ID = 7

export const repository: RepoName = (() => {
  const name = parseRepoName('acme/models')
  if (name === undefined) throw new Error('no name')
  return name
})()

export const CONFIG = `version: 1
models:
  churn:
    paths: ["models/churn/**"]
    training: { check: train, within: 6h }
    candidate: { mlflow: { experiment: churn } }
    baseline: { mlflow: { model: churn, alias: champion } }
    gates:
      auc: { goal: maximize, min: 0.80, max_regression: 0.5% }
  fraud:
    paths: ["models/fraud/**"]
    candidate: { file: models/fraud/metrics.json }
    baseline: { file: models/fraud/metrics.json }
    gates:
      f1: { goal: maximize, min: 0.70 }
`

export const fileOf = (text: string): RepoFile => ({ oid: `oid of ${text}`, mode: '100644', text })

export const run = (runId: string, commit: CommitSha, auc: number, changes: Partial<MlflowRun> = {}): MlflowRun => ({
  runId,
  experimentId: '1',
  name: undefined,
  status: 'FINISHED',
  startedAt: new Date('2026-03-03T09:00:00Z'),
  metrics: new Map([['auc', auc]]),
  params: new Map([['C', '1.0']]),
  tags: new Map([['mlflow.source.git.commit', commit]]),
  dataDigests: ['train:abc'],
  url: `http://mlflow.test/#/experiments/1/runs/${runId}`,
  ...changes,
})

export const check = (name: string, state: CheckState['state'], appId = 1): CheckState => ({
  name,
  kind: 'check_run',
  appId,
  app: appId === 1 ? 'github-actions' : undefined,
  state,
  conclusion: state === 'pending' ? undefined : state,
  url: undefined,
})

/** Everything that a port was not given throws when it is used. */
const only = <Port extends object>(part: Partial<Port>): Port =>
  new Proxy(part, {
    get: (target, key) => Reflect.get(target, key) ?? (() => Promise.reject(new Error(`not expected: ${String(key)}`))),
  }) as Port

export type World = {
  view: PullRequestView | undefined
  now: Date
  runs: MlflowRun[]
  champion: MlflowRun | undefined
  mlflowDown: boolean
  mergeBase: CommitSha | undefined
  released: { readonly at: string; readonly release: Release }[]
  files: Map<string, string>
  denied: (need: Need) => boolean
  record: ComparisonRecord | undefined
  waivers: readonly WaiverRecord[]
  readonly publications: Map<string, Publication>
  /** What GitHub shows. */
  readonly comments: Map<string, string>
  readonly checks: Map<string, { headSha: CommitSha; output: CheckRunOutput }>
  readonly calls: string[]
  readonly wakes: Date[]
  /** Called before each write; may throw. */
  beforeWrite: (writes: readonly GitHubWrite[]) => void
  /** Called after each write; may throw: the crash between an effect and its record. */
  afterWrite: () => void
  refresh(): Promise<void>
  readonly deps: RefreshDeps & { readonly mlflow: Mlflow }
}

export const pullRequest = (changes: Partial<PullRequestView> = {}): PullRequestView => ({
  id: 'PR_1',
  repositoryId: 'R_1',
  number: 1,
  title: 'Better churn',
  url: 'https://github.test/acme/models/pull/1',
  state: 'open',
  isDraft: false,
  isFork: false,
  author: 'bob',
  baseRef: 'main',
  baseSha: BASE,
  headRef: 'better',
  headSha: HEAD,
  mergeCommit: undefined,
  testMergeCommit: undefined,
  changedPaths: ['models/churn/train.py'],
  checks: [check('train', 'success')],
  requiredChecks: [],
  defaultBranch: 'main',
  configFile: fileOf(CONFIG),
  headConfigFile: fileOf(CONFIG),
  ...changes,
})

/** A head whose training finished, with one better run and a champion. */
export function createWorld(): World {
  const clock: Clock = { now: () => world.now }
  const world: World = {
    view: pullRequest(),
    now: new Date('2026-03-03T10:00:00Z'),
    runs: [run('better', HEAD, 0.91)],
    champion: run('champion', sha('c0'), 0.9),
    mlflowDown: false,
    mergeBase: BASE,
    released: [],
    files: new Map(),
    denied: () => false,
    record: undefined,
    waivers: [],
    publications: new Map(),
    comments: new Map(),
    checks: new Map(),
    calls: [],
    wakes: [],
    beforeWrite: () => undefined,
    afterWrite: () => undefined,
    refresh: () => refreshComparison({ kind: 'pull-request', repository, number: 1 }, world.deps),
    get deps() {
      return depsOf(world, clock)
    },
  }
  return world
}

function depsOf(world: World, clock: Clock): World['deps'] {
  const mayUse: Parameters<typeof createCompareModel>[0]['mayUse'] = (repo, need) =>
    world.denied(need)
      ? {
          allowed: false,
          missingLine: `  - { repositories: ["${repo}"] }`,
          message: `${repo} may not use ${need.kind}`,
        }
      : { allowed: true }
  const github = githubOf(world)
  const mlflow = mlflowOf(world)
  return {
    github,
    mlflow,
    ledger: only<Ledger>({
      publication: async (key) => world.publications.get(key),
      verifiedReleases: async () => world.released,
      releasesOf: async () => [],
      savePublication: async (publication) => void world.publications.set(publication.key, publication),
    }),
    comparisons: {
      get: async () => world.record,
      save: async (record) => {
        world.record = record
      },
      waivers: async ({ headSha }) => world.waivers.filter((waiver) => waiver.headSha === headSha),
      addWaiver: async (waiver) => ({ kind: 'added', waiver }),
      revokeWaiver: async () => false,
    },
    clock,
    hints: { hint: async () => undefined, wakeAt: async (_, at) => void world.wakes.push(at) },
    log: silentLog,
    parseConfig: parseRepoConfig,
    compareModel: createCompareModel({
      github,
      mlflow,
      wandb: only<Wandb>({}),
      buckets: only<Buckets>({}),
      ledger: only<Ledger>({}),
      mayUse,
    }),
  }
}

function githubOf(world: World): GitHub {
  return only<GitHub>({
    appId: APP_ID,
    appLogin: 'lockkeeper[bot]',
    readPullRequest: async () => {
      world.calls.push('readPullRequest')
      return world.view
    },
    mergeBase: async () => {
      world.calls.push('mergeBase')
      return world.mergeBase
    },
    readFiles: async (_, ref, paths) => {
      world.calls.push(`readFiles ${ref.slice(0, 7)}`)
      return new Map(
        paths.flatMap((path) => {
          const text = world.files.get(`${ref}:${path}`)
          return text === undefined ? [] : [[path, fileOf(text)]]
        }),
      )
    },
    findComment: async () => {
      world.calls.push('findComment')
      return [...world.comments].map(([id, body]) => ({ id, body })).at(-1)
    },
    findCheckRun: async (_, headSha) => {
      world.calls.push('findCheckRun')
      return [...world.checks]
        .filter(([, found]) => found.headSha === headSha)
        .map(([id, { output }]) => ({ id, isCompleted: output.status === 'completed' }))
        .at(-1)
    },
    write: async (_, writes) => {
      world.beforeWrite(writes)
      world.calls.push(`write ${writes.map((write) => write.kind).join(' ')}`)
      const results = writes.map((write) => apply(world, write))
      world.afterWrite()
      return results
    },
  })
}

function apply(world: World, write: GitHubWrite): GitHubWriteResult {
  const made = (id: string): GitHubWriteResult => ({ ok: true, id, number: undefined, url: undefined, sha: undefined })
  switch (write.kind) {
    case 'add-comment': {
      const id = `C_${world.comments.size + 1}`
      world.comments.set(id, write.body)
      return made(id)
    }
    case 'update-comment':
      if (!world.comments.has(write.commentId)) return { ok: false, type: 'NOT_FOUND', message: 'gone' }
      world.comments.set(write.commentId, write.body)
      return made(write.commentId)
    case 'create-check-run': {
      const id = `CR_${world.checks.size + 1}`
      world.checks.set(id, { headSha: write.headSha, output: write.output })
      return made(id)
    }
    case 'update-check-run': {
      const found = world.checks.get(write.checkRunId)
      if (found === undefined) return { ok: false, type: 'NOT_FOUND', message: 'gone' }
      world.checks.set(write.checkRunId, { ...found, output: write.output })
      return made(write.checkRunId)
    }
    default:
      throw new Error(`not expected: ${write.kind}`)
  }
}

function mlflowOf(world: World): Mlflow {
  const answer = <T>(value: T): T => {
    if (world.mlflowDown) throw new SystemUnavailable('MLflow server default', 'connection refused')
    return value
  }
  return only<Mlflow>({
    experimentId: async (_, name) => answer(name === 'churn' ? '1' : undefined),
    runsOfCommit: async (_, { commitTag, commit }) => {
      world.calls.push(`runsOfCommit ${commit.slice(0, 7)}`)
      return answer(world.runs.filter((each) => each.tags.get(commitTag) === commit))
    },
    version: async (_, model) =>
      answer(
        world.champion && {
          model,
          version: '11',
          runId: world.champion.runId,
          status: 'READY',
          source: undefined,
          url: 'http://mlflow.test/#/models/churn/versions/11',
        },
      ),
    run: async (_, runId) => answer(runId === world.champion?.runId ? world.champion : undefined),
    seedsOf: async (_, one) => answer([one]),
  })
}
