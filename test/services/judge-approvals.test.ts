/** Whose review of a promotion pull request counts as an approval, and when it no longer does. */
import { describe, expect, it } from 'vitest'
import { stricter } from '../../src/domain/acceptance.ts'
import type { CommitSha } from '../../src/domain/ids.ts'
import { parseRepoName } from '../../src/domain/ids.ts'
import type { Promotion, Via } from '../../src/domain/promotion.ts'
import type { Release } from '../../src/domain/release.ts'
import type { EnvironmentSettings, Principal, Requirement } from '../../src/domain/settings.ts'
import type { Deps } from '../../src/services/deps.ts'
import { type Judged, judgePromotion } from '../../src/services/judge-promotion.ts'
import type { Approval, ReleaseRecord } from '../../src/services/ledger.ts'
import type { Review, Standing } from '../../src/services/ports.ts'
import { CHURN, known, PROD, prod } from '../domain/reference-settings.ts'

const MODELS = known(parseRepoName('acme/models'))
const CONFIG = known(parseRepoName('acme/ml-config'))
const HEAD = 'b'.repeat(40) as CommitSha
const OLD_HEAD = 'a'.repeat(40) as CommitSha
const user = (login: string): Principal => ({ kind: 'user', login })
const LEADS: Principal = { kind: 'team', organization: undefined, slug: 'ml-leads' }

const review = (author: string, state: Review['state'] = 'approved', commit = HEAD): Review => ({
  author,
  state,
  commit,
  submittedAt: new Date('2026-11-24T09:00:00Z'),
})

/** What GitHub says of people now: `write` on both repositories, and their teams. */
const person = (login: string, { write = true, teams = [] as readonly string[] } = {}): Standing => ({
  login,
  permissions: new Map(
    [MODELS, CONFIG].map((repository) => [repository, write ? ('write' as const) : ('read' as const)]),
  ),
  roles: new Map(),
  teams: new Set(teams),
})
const PEOPLE = [
  person('alice'),
  person('bob'),
  person('carol', { teams: ['acme/ml-leads'] }),
  person('dave'),
  person('erin', { write: false }),
]

/** `/approve`, half an hour after the reviews. */
const said = (login: string, head: CommitSha | undefined = HEAD): Approval => ({
  promotion: 'pro-1',
  head,
  login,
  by: { repository: MODELS, commentId: 1 },
  at: new Date('2026-11-24T09:30:00Z'),
})

type Case = {
  readonly reviews: readonly Review[]
  readonly comments?: readonly Approval[]
  readonly via?: Via
  readonly environment?: Partial<EnvironmentSettings>
  readonly require?: Partial<Requirement>
  readonly people?: readonly Standing[]
  readonly promotion?: Pick<Promotion, 'canary' | 'changes'>
  /** Of the release: who brought it. */
  readonly record?: Partial<Pick<ReleaseRecord, 'pushedBy'>> & { readonly pullRequest?: { readonly author: string } }
}

/** The approvals rule as it is judged: its state, and who is named. dave wrote the model, alice asked for prod. */
async function approvals({
  reviews,
  comments = [],
  via = { kind: 'deploy', by: 'alice' },
  environment,
  require,
  people = PEOPLE,
  promotion: more,
  record = { pullRequest: { author: 'dave' } },
}: Case) {
  const none: Requirement = { approvals: undefined, soak: undefined, deployers: undefined, freeze: undefined }
  const settings = { ...prod, approvers: [user('bob'), user('alice'), user('dave'), LEADS], ...environment }
  const promotion = {
    repository: MODELS,
    model: CHURN,
    environment: PROD,
    via,
    release: 'rel-1',
    pullRequest: { headSha: HEAD },
    ...more,
  } as unknown as Promotion
  const standings = new Map(people.map((one) => [one.login, one]))
  const judged: Judged = {
    promotion,
    reviews,
    context: {
      key: { repository: MODELS, model: CHURN, environment: PROD },
      model: {} as never,
      environment: stricter(settings, { ...none, ...require }),
      release: { gates: { verdict: 'pass', failing: [] }, pullRequest: { number: 1 } } as unknown as Release,
      world: { standings: new Map([['alice', person('alice')]]) },
    },
  }
  const deps = {
    clock: { now: () => new Date('2026-11-24T10:00:00Z') },
    github: {
      readStandings: async ({ logins }: { logins: readonly string[] }) =>
        new Map(logins.map((login) => [login, standings.get(login)])),
    },
    ledger: {
      history: async () => [],
      approvals: async () => comments,
      holds: async () => [],
      releaseById: async () => record,
    },
  } as unknown as Deps
  const verdict = (await judgePromotion(judged, deps)).find(({ rule }) => rule === 'approvals')
  return `${verdict?.state}: ${verdict?.detail}`
}

const NEEDS_ONE = 'open: needs 1 approval by bob, alice, dave, team ml-leads'

describe('forced past the approvals', () => {
  const via: Via = { kind: 'force', by: 'alice', reason: 'outage', rules: ['approvals'] }
  const force: EnvironmentSettings['force'] = { by: [user('alice')], rules: ['approvals'] }
  it.each<[string, Case, string]>([
    ['by whom the environment names', { reviews: [], via, environment: { force } }, 'skipped: forced: outage'],
    [
      'by whom it names no more',
      { reviews: [], via, environment: { force: { ...force, by: [user('bob')] } } },
      NEEDS_ONE,
    ],
    ['and it lets nobody any more', { reviews: [], via, environment: { force: { ...force, rules: [] } } }, NEEDS_ONE],
    [
      'and the config repository insists on them by now',
      { reviews: [], via, environment: { force }, require: { approvals: 1 } },
      `${NEEDS_ONE}, which the config repository insists on`,
    ],
  ])('%s', async (_, given, said) => {
    expect(await approvals(given)).toBe(said)
  })
})

describe('a later step of a canary', () => {
  const share = { file: 'prod.yaml', document: undefined, path: 'spec.predictor.canaryTrafficPercent', before: '' }
  const canary = {
    approvedBy: ['bob'],
    live: { changes: [{ ...share, after: '10' }] },
  } as unknown as Promotion['canary']
  it.each<[string, Promotion['changes'], string]>([
    ['that moves the traffic alone is approved already', [{ ...share, after: '50' }], 'pass: approved by bob'],
    ['that writes what nobody saw is not', [{ ...share, path: 'spec.image', after: 'evil' }], NEEDS_ONE],
  ])('%s', async (_, changes, said) => {
    expect(await approvals({ reviews: [], promotion: { canary, changes } })).toBe(said)
  })
})

describe('one approval is needed', () => {
  it.each<[string, Case, string]>([
    ['an approver approves', { reviews: [review('bob')] }, 'pass: approved by bob'],
    ['somebody of a team approves', { reviews: [review('carol')] }, 'pass: approved by carol'],
    ['nobody has looked', { reviews: [] }, NEEDS_ONE],
    ['who asked for it', { reviews: [review('alice')] }, NEEDS_ONE],
    [
      'who forced it',
      { reviews: [review('alice')], via: { kind: 'force', by: 'alice', reason: 'outage', rules: [] } },
      NEEDS_ONE,
    ],
    [
      'who asked, where automation did',
      { reviews: [review('alice')], via: { kind: 'automation' } },
      'pass: approved by alice',
    ],
    ['who wrote the model', { reviews: [review('dave')] }, NEEDS_ONE],
    [
      'who wrote the model, where automation asked',
      { reviews: [review('dave')], via: { kind: 'automation' } },
      NEEDS_ONE,
    ],
    ['who pushed the model past all reviews', { reviews: [review('dave')], record: { pushedBy: 'Dave' } }, NEEDS_ONE],
    [
      'another one, where it was pushed past all reviews',
      { reviews: [review('bob')], record: { pushedBy: 'dave' } },
      'pass: approved by bob',
    ],
    ['somebody who may not', { reviews: [review('erin')] }, NEEDS_ONE],
    ['somebody whom GitHub does not know any more', { reviews: [review('ghost')] }, NEEDS_ONE],
    ['an approval of another head', { reviews: [review('bob', 'approved', OLD_HEAD)] }, NEEDS_ONE],
    ['a comment', { reviews: [review('bob', 'commented')] }, NEEDS_ONE],
    ['an approval that was dismissed', { reviews: [review('bob', 'dismissed')] }, NEEDS_ONE],
    ['changes asked for since', { reviews: [review('bob', 'changes_requested')] }, NEEDS_ONE],
    ['an approver says /approve', { reviews: [], comments: [said('bob')] }, 'pass: approved by bob'],
    ['who asked for it says /approve', { reviews: [], comments: [said('alice')] }, NEEDS_ONE],
    ['who wrote the model says /approve', { reviews: [], comments: [said('dave')] }, NEEDS_ONE],
    ['an /approve of another head', { reviews: [], comments: [said('bob', OLD_HEAD)] }, NEEDS_ONE],
    [
      'an /approve from before it had a pull request',
      { reviews: [], comments: [{ ...said('bob'), head: undefined }] },
      NEEDS_ONE,
    ],
    [
      'an /approve by who has left the team since',
      { reviews: [], comments: [said('carol')], people: [person('carol')] },
      NEEDS_ONE,
    ],
    [
      'an /approve after changes were asked for',
      { reviews: [review('bob', 'changes_requested')], comments: [said('bob')] },
      'pass: approved by bob',
    ],
    [
      'changes asked for after an /approve',
      {
        reviews: [{ ...review('bob', 'changes_requested'), submittedAt: new Date('2026-11-24T09:45:00Z') }],
        comments: [said('bob')],
      },
      NEEDS_ONE,
    ],
    ['a team that the approver has left since', { reviews: [review('carol')], people: [person('carol')] }, NEEDS_ONE],
  ])('%s', async (_, asked, expected) => {
    expect(await approvals(asked)).toBe(expected)
  })
})

describe('where no approvers are named, the deployers', () => {
  const environment = { approvers: undefined, deployers: [user('bob')] }

  it.each<[string, Case, string]>([
    ['one of them', { environment, reviews: [review('bob')] }, 'pass: approved by bob'],
    ['somebody else', { environment, reviews: [review('carol')] }, 'open: needs 1 approval by bob'],
    [
      'whoever may write, where none are named',
      { environment: { ...environment, deployers: undefined }, reviews: [review('bob')] },
      'pass: approved by bob',
    ],
    [
      'an approver who may no longer write',
      {
        environment: { ...environment, deployers: undefined },
        reviews: [review('bob')],
        people: [person('bob', { write: false })],
      },
      'open: needs 1 approval by people with write access to both repositories',
    ],
  ])('%s', async (_, asked, expected) => {
    expect(await approvals(asked)).toBe(expected)
  })
})

describe('two approvals are needed', () => {
  const environment = { approvals: 2 }
  const NEEDS_TWO = 'open: needs 2 approvals by bob, alice, dave, team ml-leads'

  it.each<[string, Case, string]>([
    [
      'the same person twice, by a review and by a comment',
      { environment, reviews: [review('bob')], comments: [said('Bob')] },
      'open: needs 2 approvals by bob, alice, dave, team ml-leads, has 1 (bob)',
    ],
    [
      'two people, by a review and by a comment',
      { environment, reviews: [review('bob')], comments: [said('carol')] },
      'pass: approved by bob, carol',
    ],
    ['two people', { environment, reviews: [review('bob'), review('carol')] }, 'pass: approved by bob, carol'],
    ['one person', { environment, reviews: [review('bob')] }, `${NEEDS_TWO}, has 1 (bob)`],
    ['one person twice', { environment, reviews: [review('bob'), review('bob')] }, `${NEEDS_TWO}, has 1 (bob)`],
    [
      'one person and who asked',
      { environment, reviews: [review('bob'), review('alice')] },
      `${NEEDS_TWO}, has 1 (bob)`,
    ],
    [
      'one of them of an older head',
      { environment, reviews: [review('bob'), review('carol', 'approved', OLD_HEAD)] },
      `${NEEDS_TWO}, has 1 (bob)`,
    ],
  ])('%s', async (_, asked, expected) => {
    expect(await approvals(asked)).toBe(expected)
  })
})

describe('what the config repository requires', () => {
  it.each<[string, Case, string]>([
    [
      'more than the model repository asks for',
      { require: { approvals: 2 }, reviews: [review('bob')] },
      'open: needs 2 approvals by bob, alice, dave, team ml-leads, has 1 (bob)',
    ],
    [
      'less than it asks for',
      { environment: { approvals: 2 }, require: { approvals: 1 }, reviews: [review('bob')] },
      'open: needs 2 approvals by bob, alice, dave, team ml-leads, has 1 (bob)',
    ],
    [
      'one where it asks for none',
      { environment: { approvals: 0 }, require: { approvals: 1 }, reviews: [] },
      NEEDS_ONE,
    ],
    [
      'an approver who may not write there',
      { require: { approvals: 1 }, reviews: [review('bob')], people: [person('bob', { write: false })] },
      NEEDS_ONE,
    ],
    [
      'an approver who is none of its deployers',
      { require: { approvals: 1, deployers: [user('carol')] }, reviews: [review('bob')] },
      'open: needs 1 approval by those of bob, alice, dave, team ml-leads who are also among carol',
    ],
    [
      'an approver who is',
      { require: { approvals: 1, deployers: [user('carol')] }, reviews: [review('carol')] },
      'pass: approved by carol',
    ],
    [
      'that force skips only what it does not ask for',
      {
        environment: { approvals: 2, force: { by: [], rules: ['approvals'] } },
        require: { approvals: 1 },
        via: { kind: 'force', by: 'alice', reason: 'outage', rules: [] },
        reviews: [],
      },
      `${NEEDS_ONE}, which the config repository insists on`,
    ],
  ])('%s', async (_, asked, expected) => {
    expect(await approvals(asked)).toBe(expected)
  })
})
