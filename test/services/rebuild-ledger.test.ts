/** A ledger from what GitHub has: whose words count there, and what is held where nobody knows. The whole way is test/scenarios/rebuild.test.ts. */
import { describe, expect, test } from 'vitest'
import type { Hold } from '../../src/domain/hold.ts'
import { heldMark, liftedMark } from '../../src/domain/hold-marks.ts'
import type { CommitSha, EnvironmentName, ModelName, ReleaseId, RepoName } from '../../src/domain/ids.ts'
import { commitRecord, deploymentRecord } from '../../src/domain/ledger-record.ts'
import { renderMarker } from '../../src/domain/marker.ts'
import type { Promotion, Stage } from '../../src/domain/promotion.ts'
import { promotionTrailers } from '../../src/domain/promotion-trailers.ts'
import { renderTrailers } from '../../src/domain/trailers.ts'
import type { PastComment, PastDeployment, PastPullRequest } from '../../src/services/ports.ts'
import { ledgerOf } from '../../src/services/rebuild-ledger.ts'

const MODELS = 'acme/models' as RepoName
const CONFIG = 'platform/gitops' as RepoName
const RELEASE = 'rel-0123456789abcdef' as ReleaseId
const sha = (digit: string) => digit.repeat(40) as CommitSha
const at = (minute: number) => new Date(Date.UTC(2026, 10, 24, 9, minute))
const NOW = at(50)

const PROMOTION: Promotion = {
  id: 'pro-0000000000000001',
  repository: MODELS,
  model: 'churn' as ModelName,
  environment: 'prod' as EnvironmentName,
  kind: 'promotion',
  release: RELEASE,
  label: 'v12',
  via: { kind: 'deploy', by: 'alice' },
  leaves: undefined,
  restore: [],
  thread: 7,
  asked: { repository: MODELS, commentId: 71 },
  createdAt: at(0).toISOString(),
  changes: [
    { file: 'prod.yaml', path: 'spec.uri', document: undefined, before: 's3://secret/11', after: 's3://secret/12' },
  ],
  into: CONFIG,
  pullRequest: { id: 'PR_1', number: 1, url: 'https://github.com/platform/gitops/pull/1', headSha: sha('a') },
  stage: { at: 'syncing', revision: sha('b'), mergedAt: at(5).toISOString(), mergedBy: 'bob', blocked: undefined },
}
const RELEASED = {
  ...{ repository: MODELS, model: 'churn', commit: sha('c'), begunAt: at(0).toISOString(), sequence: 3 },
  pullRequest: { number: 7, id: 'PR_7', headSha: sha('d'), testMergeCommit: undefined, headRef: 'x', author: 'dave' },
  state: { kind: 'complete', release: { id: RELEASE, repository: MODELS, model: 'churn', metrics: { auc: 0.9 } } },
}

const message = (promotion: Promotion) =>
  `Promote\n\n${renderTrailers({ ...promotionTrailers(promotion, undefined), release: RELEASE, commit: sha('c'), record: commitRecord(promotion) })}`

const pull = (promotion: Promotion = PROMOTION, more: Partial<PastPullRequest> = {}) => ({
  repository: CONFIG,
  ...{ id: 'PR_1', number: 1, url: 'https://github.com/platform/gitops/pull/1', branch: 'lockkeeper/x' },
  ...({ state: 'merged', createdAt: at(1), endedAt: at(5), mergedBy: 'bob', mergeCommit: sha('b') } as const),
  commit: { sha: sha('a'), message: message(promotion), isSigned: true },
  ...more,
})
const statuses = (...states: readonly string[]) =>
  states.map((state, index) => ({
    state,
    description: 'v12 failed in prod (verify_timeout): slow',
    at: at(10 + index),
  }))
const deployment = (states: readonly string[], promotion: Promotion = PROMOTION, repository = MODELS) => ({
  repository,
  id: `DE_${promotion.id}`,
  record: deploymentRecord(promotion, RELEASED) ?? '',
  statuses: statuses(...states),
})
const comment = (id: number, body: string, more: Partial<PastComment> = {}): PastComment => ({
  ...{ repository: MODELS, number: 7, isOnPullRequest: true, id, nodeId: `IC_${id}`, author: 'alice', isOurs: false },
  ...{ createdAt: at(20), url: `https://github.com/acme/models/pull/7#issuecomment-${id}`, body },
  ...more,
})
const reply = (to: number, marks: readonly string[], more: Partial<PastComment> = {}): PastComment =>
  comment(to + 1000, [renderMarker('reply', { comment: to }), ...marks, '🔒 held'].join('\n'), {
    ...{ isOurs: true, author: 'lockkeeper[bot]', ...more },
  })

type Parts = {
  readonly pulls?: readonly (PastPullRequest & { readonly repository: RepoName })[]
  readonly deployments?: readonly (PastDeployment & { readonly repository: RepoName })[]
  readonly comments?: readonly PastComment[]
  readonly repositories?: readonly RepoName[]
  readonly open?: readonly { readonly repository: RepoName; readonly number: number }[]
}
const ledger = ({ pulls = [], deployments = [], comments = [], repositories = [MODELS, CONFIG], open = [] }: Parts) =>
  ledgerOf({ pulls, deployments, comments, repositories, open }, NOW)
const live = { pulls: [pull()], deployments: [deployment(['in_progress', 'success'])] }

const LOCK: Hold = {
  ...{ id: 'hold-1', repository: MODELS, environment: 'prod' as EnvironmentName, model: undefined, kind: 'lock' },
  ...{ by: 'alice', reason: 'audit -- now', since: at(20), until: undefined, confinedTo: undefined },
}
const held = (parts: Parts) => ledger(parts).holds.flatMap(({ hold, endedBy }) => (endedBy === undefined ? [hold] : []))

describe('what was promoted', () => {
  test('comes back with what it changed, from another owner, and with its release', () => {
    const { promotions, releases } = ledger(live)
    expect(promotions).toEqual([
      {
        ...PROMOTION,
        pullRequest: { ...PROMOTION.pullRequest, headSince: at(1).toISOString() },
        stage: {
          ...{ at: 'verified', revision: sha('b'), mergedAt: at(5).toISOString() },
          ...{ verifiedAt: at(11).toISOString(), evidence: [], alias: undefined },
        },
      },
    ])
    expect(releases).toEqual([RELEASED])
  })

  test('shows readers of the model repository nothing of what the config repository holds', () => {
    expect(deploymentRecord(PROMOTION, RELEASED)).not.toContain('secret')
    const forced: Promotion = { ...PROMOTION, via: { kind: 'force', by: 'al', reason: 'hush', rules: [] } }
    const elsewhere = { ...forced, asked: { repository: CONFIG, commentId: 1 } }
    expect(deploymentRecord(elsewhere, RELEASED)).not.toContain('hush')
  })

  test.each<[string, readonly string[], Stage['at']]>([
    ['is not over', ['in_progress'], 'syncing'],
    ['was proven, and replaced later', ['in_progress', 'success', 'inactive'], 'verified'],
    ['failed', ['in_progress', 'failure'], 'failed'],
    ['was taken out before it was proven', ['in_progress', 'inactive'], 'superseded'],
  ])('%s by its statuses', (_, states, stage) => {
    expect(ledger({ ...live, deployments: [deployment(states)] }).promotions[0]?.stage.at).toBe(stage)
  })

  test('and failed, holds its environment and says why', () => {
    const { promotions, holds } = ledger({ ...live, deployments: [deployment(['in_progress', 'failure'])] })
    expect(promotions[0]?.stage).toMatchObject({ code: 'verify_timeout', message: 'slow' })
    expect(holds).toMatchObject([{ hold: { kind: 'rollback', reason: 'v12 failed: slow' }, endedBy: undefined }])
  })

  test.each([
    ['a commit that GitHub did not sign for the App', { commit: { ...pull().commit, isSigned: false } }],
    [
      'a commit with copied trailers and no record',
      { commit: { ...pull().commit, message: 'x\n\nLockkeeper-Kind: promotion' } },
    ],
  ])('is not believed of %s', (_, more) => {
    const forged = pull(PROMOTION, more as Partial<PastPullRequest>)
    expect(ledger({ pulls: [forged] }).promotions).toEqual([])
    // With the App's Deployment it is known, and what a person's commit says of it is not.
    expect(ledger({ ...live, pulls: [forged] }).promotions[0]?.changes).toEqual([])
  })

  test('in repositories that are called otherwise by now is theirs', () => {
    const [ml, infra] = ['acme/ml' as RepoName, 'platform/infra' as RepoName]
    const { promotions } = ledger({
      repositories: [ml, infra],
      pulls: [{ ...pull(), repository: infra }],
      deployments: [deployment(['success'], PROMOTION, ml)],
    })
    expect(promotions).toMatchObject([{ repository: ml, into: infra, asked: { repository: ml } }])
  })

  test('twice into one environment is under way once: the newest', () => {
    const second: Promotion = { ...PROMOTION, id: 'pro-0000000000000002', createdAt: at(9).toISOString() }
    const deployments = [deployment(['in_progress']), deployment(['in_progress'], second)]
    expect(ledger({ ...live, deployments }).promotions.map(({ stage }) => stage)).toMatchObject([
      { at: 'superseded', by: second.id, wasMerged: true },
      { at: 'syncing' },
    ])
  })
})

describe('what was waiting', () => {
  const waiting: Promotion = { ...PROMOTION, id: 'pro-0000000000000002', createdAt: at(20).toISOString() }
  const open = pull(waiting, { state: 'open', number: 2 })
  const asked = [comment(71, '/deploy prod'), reply(71, [])]

  test('goes on where the one who asked is known, and its approvals are asked again', () => {
    const { promotions, questions, commands } = ledger({ ...live, pulls: [pull(), open], comments: asked })
    expect(promotions.at(-1)).toMatchObject({ id: waiting.id, stage: { at: 'proposed' }, changes: [] })
    expect(questions).toMatchObject([
      { repository: CONFIG, number: 2, markdown: expect.stringContaining('approve it again') },
    ])
    expect(commands).toMatchObject([{ commentId: 71, state: 'running' }])
  })

  test.each<[string, readonly PastComment[]]>([
    ['nobody wrote that comment', []],
    ['somebody else wrote it', [comment(71, '/deploy prod', { author: 'mallory' }), reply(71, [])]],
    ['it was never answered', [comment(71, '/deploy prod')]],
  ])('is asked again where %s', (_, comments) => {
    const { promotions, questions } = ledger({ ...live, pulls: [pull(), open], comments })
    expect(promotions).toHaveLength(1)
    expect(questions[0]?.markdown).toContain('`/deploy prod` again')
  })
})

describe('holds', () => {
  test('hold again, with who and why, until somebody lifted them', () => {
    const comments = [comment(72, '/lock prod audit'), reply(72, [heldMark(LOCK)])]
    expect(held({ ...live, comments })).toEqual([LOCK])
    const lifted = reply(73, [liftedMark(LOCK, 'command')])
    expect(held({ ...live, comments: [...comments, lifted] })).toEqual([])
  })

  test('are not freed by what a person edited into a reply, or wrote', () => {
    const comments = [comment(72, '/lock prod audit'), reply(72, [heldMark(LOCK)])]
    const edited = reply(73, [liftedMark(LOCK, 'x')], { editedBy: 'mallory' })
    const written = reply(74, [liftedMark(LOCK, 'x')], { isOurs: false, author: 'mallory' })
    const quoted = comment(75, `${renderMarker('reply', { comment: 1 })}\nYou said:\n${liftedMark(LOCK, 'x')}`, {
      isOurs: true,
    })
    expect(held({ ...live, comments: [...comments, edited, written, quoted] })).toEqual([LOCK])
  })

  test.each([
    ['/lock prod', 'prod'],
    ['please\n/lock churn', 'prod'],
    ['/lock', 'prod'],
  ])('nobody knows of any more hold: %j without a reply', (body, environment) => {
    expect(held({ ...live, comments: [comment(76, body)] })).toMatchObject([
      { environment, kind: 'lock', by: 'Lockkeeper', reason: expect.stringContaining('issuecomment-76') },
    ])
  })

  test('replace each other as they did', () => {
    const later = { ...LOCK, id: 'hold-2', reason: 'longer' }
    const comments = [reply(72, [heldMark(LOCK)]), reply(73, [heldMark(later)], { createdAt: at(21) })]
    expect(ledger({ ...live, comments }).holds.map(({ endedBy }) => endedBy)).toEqual(['hold-2', undefined])
  })
})

test('a command of the last day that nobody answered is asked again, an older one is not', () => {
  const comments = [comment(80, 'hm\n/deploy prod v13'), comment(81, '/deploy prod', { createdAt: new Date(0) })]
  expect(ledger({ comments }).questions).toEqual([
    {
      ...{ repository: MODELS, number: 7 },
      markdown:
        '`/deploy prod v13` in https://github.com/acme/models/pull/7#issuecomment-80 was not answered: say it again, if it is still wanted.',
    },
  ])
})

test('a waiver of an open pull request is asked again, and not where it is over, was taken back or never answered', () => {
  const open = [{ repository: MODELS, number: 7 }]
  const comments = [
    ...[comment(80, '/override auc\n/override --revoke log_loss'), reply(80, [])],
    ...[comment(81, '/override log_loss', { number: 8 }), reply(81, [], { number: 8 })],
    comment(82, '/override auc again', { createdAt: new Date(0) }),
  ]
  expect(ledger({ comments, open }).questions).toEqual([
    {
      ...{ repository: MODELS, number: 7 },
      markdown:
        'A gate that `/override auc` in https://github.com/acme/models/pull/7#issuecomment-80 waived counts again: write it again, if it is still meant for what is here now.',
    },
  ])
})
