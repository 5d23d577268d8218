/** What GitHub still wants of a promotion pull request, told from what can be read of its branch's rules. */
import { describe, expect, it } from 'vitest'
import { asksUs, type BranchRules, type MergeState, mergeMethod, obstacles } from '../../src/domain/branch-rules.ts'

const rules = (change: Partial<BranchRules> = {}): BranchRules => ({
  branch: 'main',
  approvals: 0,
  codeOwners: false,
  conversations: false,
  checks: [],
  mergeQueue: false,
  methods: ['merge', 'squash', 'rebase'],
  ...change,
})

const state = (change: Partial<MergeState> = {}): MergeState => ({
  mergeStateStatus: 'BLOCKED',
  reviewDecision: undefined,
  reviews: [],
  askedOwners: [],
  openConversations: 0,
  checks: [],
  queued: undefined,
  dequeued: undefined,
  autoMergeBy: undefined,
  mayBypass: false,
  ...change,
})

const review = (author: string, verdict: string) => ({ author, state: verdict })
const build = (result: 'pending' | 'success' | 'failure' | 'neutral', appId = 7) =>
  ({ name: 'build', appId, app: 'ci', state: result }) as const
const required = (appId?: number) => ({ checks: [{ name: 'build', appId }] })
const wanted = 'review_required'

describe('what is wanted, and of whom', () => {
  it.each<[string, Partial<BranchRules>, Partial<MergeState> | undefined, readonly string[]]>([
    ['nothing where nothing is demanded', {}, {}, []],
    [
      'a review',
      { approvals: 1 },
      { reviewDecision: wanted },
      ['1 more approving review is missing, of people with write access'],
    ],
    [
      'several',
      { approvals: 2 },
      { reviewDecision: wanted },
      ['2 more approving reviews are missing, of people with write access'],
    ],
    [
      'one more, by an owner or not',
      { approvals: 2, codeOwners: true },
      { reviewDecision: wanted, reviews: [review('carol', 'approved')], askedOwners: ['bob', 'acme/platform'] },
      ['1 more approving review is missing, of people with write access; asked as code owners: bob, acme/platform'],
    ],
    [
      "an owner's, where there are enough others",
      { approvals: 1, codeOwners: true },
      { reviewDecision: wanted, reviews: [review('carol', 'approved')], askedOwners: ['bob'] },
      ['an approving review of a code owner is missing; asked as code owners: bob'],
    ],
    [
      'one more, where an approval does not count',
      { approvals: 1 },
      { reviewDecision: wanted, reviews: [review('erin', 'approved')] },
      ['1 more approving review is missing, of people with write access'],
    ],
    [
      'another verdict',
      { approvals: 1 },
      {
        reviewDecision: 'changes_requested',
        reviews: [review('carol', 'changes_requested'), review('bob', 'approved')],
      },
      ['changes are requested by carol'],
    ],
    ['a check that is not there', required(), {}, ['the required check `build` is not there yet']],
    [
      'a check that failed',
      required(),
      { checks: [build('failure')] },
      ['the required check `build` has failed, reported by ci'],
    ],
    [
      'a check that runs',
      required(),
      { checks: [build('pending')] },
      ['the required check `build` has not finished, reported by ci'],
    ],
    ['nothing of a check that is neutral', required(), { checks: [build('neutral')] }, []],
    [
      "another App's check",
      required(8),
      { checks: [build('success')] },
      ['the required check `build` is not there yet'],
    ],
    ['that App’s check', required(7), { checks: [build('success')] }, []],
    ['no check of ours', { checks: [{ name: 'lockkeeper/promotion', appId: 1 }] }, {}, []],
    ['a conversation', { conversations: true }, { openConversations: 1 }, ['1 conversation is not resolved']],
    ['several conversations', { conversations: true }, { openConversations: 2 }, ['2 conversations are not resolved']],
    ['no conversation that nobody demands', {}, { openConversations: 2 }, []],
    ['the newest base', {}, { mergeStateStatus: 'BEHIND' }, ['its branch is not up to date with `main`']],
    [
      'nothing that GitHub itself does not want',
      { approvals: 1, ...required() },
      { mergeStateStatus: 'CLEAN', reviewDecision: wanted },
      [],
    ],
    [
      'a review, of one just opened',
      { approvals: 1 },
      undefined,
      ['1 more approving review is missing, of people with write access'],
    ],
    ['a check, of one just opened', required(), undefined, ['the required check `build` is not there yet']],
    ['no owner, of one just opened: not every file has one', { codeOwners: true }, undefined, []],
    [
      'a method',
      { methods: [] },
      {},
      ["the rules of `main` allow no merge method that the repository's settings allow"],
    ],
    ['no method where a queue merges', { methods: [], mergeQueue: true }, {}, []],
    [
      'what the App could pass by',
      {},
      { mayBypass: true },
      ['the rules of `main` do not hold, which the App could pass by and does not'],
    ],
    [
      'nothing but our own check, which is written with the merge',
      { checks: [{ name: 'lockkeeper/promotion', appId: undefined }] },
      { mayBypass: true },
      [],
    ],
  ])('%s', (_, demanded, seen, told) => {
    expect(obstacles(rules(demanded), seen && state(seen))).toEqual(told)
  })
})

it.each([
  [['merge', 'squash', 'rebase'], 'squash'],
  [['merge', 'rebase'], 'merge'],
  [['rebase'], 'rebase'],
  [[], undefined],
] as const)('of the methods %j, %s is taken', (methods, method) => {
  expect(mergeMethod(rules({ methods }))).toBe(method)
})

it('GitHub asks us where our check run is demanded', () => {
  expect(asksUs(rules(), 12)).toBe(false)
  expect(asksUs(rules({ checks: [{ name: 'lockkeeper/promotion', appId: 12 }] }), 12)).toBe(true)
  expect(asksUs(rules({ checks: [{ name: 'lockkeeper/promotion', appId: undefined }] }), 12)).toBe(true)
})

it('GitHub asks somebody else where a check run of that name is demanded of another App', () => {
  expect(asksUs(rules({ checks: [{ name: 'lockkeeper/promotion', appId: 13 }] }), 12)).toBe(false)
})
