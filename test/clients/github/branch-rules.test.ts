/** GitHub's branch rules, of both kinds, and what stands between a pull request and its merge. */
import { describe, expect, it } from 'vitest'
import { answerOf } from '../../../src/clients/answer.ts'
import { parseBranchRules, parseMergeFacts } from '../../../src/clients/github/parse-branch-rules.ts'
import type { MergeMethod } from '../../../src/domain/branch-rules.ts'

const ALL: readonly MergeMethod[] = ['merge', 'squash', 'rebase']

const parse = (ref: object, { methods = ALL, hasQueue = false } = {}) =>
  parseBranchRules(answerOf('GitHub', { name: 'main', refUpdateRule: null, rules: { nodes: [] }, ...ref }), {
    methods,
    hasQueue,
  })

const classic = (change: object = {}) => ({
  refUpdateRule: {
    requiredApprovingReviewCount: null,
    requiredStatusCheckContexts: [],
    requiresCodeOwnerReviews: false,
    requiresConversationResolution: false,
    requiresLinearHistory: false,
    ...change,
  },
})

const ruleset = (...nodes: readonly object[]) => ({ rules: { nodes } })
const pullRequestRule = (change: object = {}) => ({
  type: 'PULL_REQUEST',
  parameters: {
    requiredApprovingReviewCount: 0,
    requireCodeOwnerReview: false,
    requiredReviewThreadResolution: false,
    allowedMergeMethods: ['MERGE', 'SQUASH', 'REBASE'],
    ...change,
  },
})
const checksRule = (...checks: readonly object[]) => ({
  type: 'REQUIRED_STATUS_CHECKS',
  parameters: { requiredStatusChecks: checks },
})

describe('the rules of a branch', () => {
  const none = { branch: 'main', approvals: 0, codeOwners: false, conversations: false, checks: [], mergeQueue: false }

  it.each<[string, object, object]>([
    ['none', {}, {}],
    ['rules that the App may not read', { rules: null }, {}],
    [
      'classic reviews',
      classic({ requiredApprovingReviewCount: 2, requiresCodeOwnerReviews: true }),
      { approvals: 2, codeOwners: true },
    ],
    [
      'classic checks',
      classic({ requiredStatusCheckContexts: ['ci', null] }),
      { checks: [{ name: 'ci', appId: undefined }] },
    ],
    ['classic conversations', classic({ requiresConversationResolution: true }), { conversations: true }],
    ['classic linear history', classic({ requiresLinearHistory: true }), { methods: ['squash', 'rebase'] }],
    [
      'a ruleset',
      ruleset(
        pullRequestRule({
          requiredApprovingReviewCount: 1,
          requireCodeOwnerReview: true,
          requiredReviewThreadResolution: true,
        }),
      ),
      { approvals: 1, codeOwners: true, conversations: true },
    ],
    ['methods of a ruleset', ruleset(pullRequestRule({ allowedMergeMethods: ['squash'] })), { methods: ['squash'] }],
    [
      'two rulesets that agree on nothing',
      ruleset(
        pullRequestRule({ allowedMergeMethods: ['SQUASH'] }),
        pullRequestRule({ allowedMergeMethods: ['REBASE'] }),
      ),
      { methods: [] },
    ],
    ['a ruleset older than its methods', ruleset(pullRequestRule({ allowedMergeMethods: null })), {}],
    [
      'linear history of a ruleset',
      ruleset({ type: 'REQUIRED_LINEAR_HISTORY', parameters: null }),
      { methods: ['squash', 'rebase'] },
    ],
    ['a merge queue', ruleset({ type: 'MERGE_QUEUE', parameters: {} }), { mergeQueue: true }],
    [
      'rules of other kinds',
      ruleset({ type: 'NON_FAST_FORWARD', parameters: null }, { type: 'YET_TO_COME', parameters: null }),
      {},
    ],
    [
      'both kinds together, the stricter of each, every check once',
      {
        ...classic({ requiredApprovingReviewCount: 2, requiredStatusCheckContexts: ['ci', 'lint'] }),
        ...ruleset(
          pullRequestRule({ requiredApprovingReviewCount: 1 }),
          checksRule({ context: 'ci', integrationId: null }, { context: 'lockkeeper/promotion', integrationId: 12 }),
        ),
      },
      {
        approvals: 2,
        checks: [
          { name: 'ci', appId: undefined },
          { name: 'lockkeeper/promotion', appId: 12 },
          { name: 'lint', appId: undefined },
        ],
      },
    ],
  ])('%s', (_, ref, read) => {
    expect(parse(ref)).toEqual({ ...none, methods: ALL, ...read })
  })

  it('leave only methods that the repository allows, and know a queue of classic protection', () => {
    expect(parse({}, { methods: ['rebase'], hasQueue: true })).toMatchObject({ methods: ['rebase'], mergeQueue: true })
  })
})

describe('what stands between a pull request and its merge', () => {
  const facts = (change: object = {}) =>
    parseMergeFacts(answerOf('GitHub', { reviewThreads: { nodes: [] }, viewerCanMergeAsAdmin: false, ...change }))

  it('is unknown where it was not asked for', () => {
    expect(parseMergeFacts(answerOf('GitHub', { number: 1 }))).toBeUndefined()
  })

  it('is nothing', () => {
    expect(
      facts({ reviewDecision: null, autoMergeRequest: null, mergeQueueEntry: null, timelineItems: { nodes: [] } }),
    ).toEqual({
      reviewDecision: undefined,
      askedOwners: [],
      openConversations: 0,
      queued: undefined,
      dequeued: undefined,
      autoMergeBy: undefined,
      mayBypass: false,
    })
  })

  it('is everything at once', () => {
    const asked = (asCodeOwner: boolean, requestedReviewer: object | null) => ({ asCodeOwner, requestedReviewer })
    expect(
      facts({
        reviewDecision: 'REVIEW_REQUIRED',
        viewerCanMergeAsAdmin: true,
        autoMergeRequest: { enabledBy: { __typename: 'User', login: 'carol' } },
        mergeQueueEntry: { enqueuer: { __typename: 'Bot', login: 'lockkeeper' } },
        timelineItems: { nodes: [{ createdAt: '2026-11-24T09:00:00Z', reason: 'CI_FAILURE' }] },
        reviewThreads: { nodes: [{ isResolved: false }, { isResolved: true }] },
        reviewRequests: {
          nodes: [
            asked(true, { __typename: 'User', login: 'bob' }),
            asked(true, { __typename: 'Team', combinedSlug: 'acme/platform' }),
            asked(true, null),
            asked(false, { __typename: 'User', login: 'erin' }),
          ],
        },
      }),
    ).toEqual({
      reviewDecision: 'review_required',
      askedOwners: ['bob', 'acme/platform'],
      openConversations: 1,
      queued: { by: 'lockkeeper[bot]' },
      dequeued: { at: new Date('2026-11-24T09:00:00Z'), reason: 'CI_FAILURE' },
      autoMergeBy: 'carol',
      mayBypass: true,
    })
  })
})
