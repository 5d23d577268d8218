/** From GitHub's branch rules, and what stands between a pull request and its merge, to domain/branch-rules.ts. The fields are asked for in documents/fragments.ts. */
import type { BranchRules, MergeFacts, MergeMethod, RequiredCheck } from '../../domain/branch-rules.ts'
import type { Answer } from '../answer.ts'
import { actorLogin } from './parse.ts'

const METHODS: readonly MergeMethod[] = ['merge', 'squash', 'rebase']

/** The rules of a branch. `methods` are those of the repository's settings; `hasQueue` is known for classic protection, too. */
export function parseBranchRules(
  ref: Answer,
  { methods, hasQueue }: { readonly methods: readonly MergeMethod[]; readonly hasQueue: boolean },
): BranchRules {
  const classic = ref.maybe('refUpdateRule')
  const rules = ref.maybe('rules')?.list('nodes') ?? []
  const ofType = (type: string): readonly Answer[] => rules.filter((rule) => rule.text('type') === type)
  const pulls = ofType('PULL_REQUEST').flatMap((rule) => rule.maybe('parameters') ?? [])
  const isSet = (rule: Answer | undefined, key: string): boolean => rule?.raw[key] === true
  const isLinear = isSet(classic, 'requiresLinearHistory') || ofType('REQUIRED_LINEAR_HISTORY').length > 0
  return {
    branch: ref.text('name'),
    approvals: Math.max(...[classic, ...pulls].map((rule) => rule?.maybeInteger('requiredApprovingReviewCount') ?? 0)),
    codeOwners:
      isSet(classic, 'requiresCodeOwnerReviews') || pulls.some((rule) => isSet(rule, 'requireCodeOwnerReview')),
    conversations:
      isSet(classic, 'requiresConversationResolution') ||
      ofType('REQUIRED_REVIEW_THREAD_RESOLUTION').length > 0 ||
      pulls.some((rule) => isSet(rule, 'requiredReviewThreadResolution')),
    checks: parseRequiredChecks(ref),
    mergeQueue: hasQueue || ofType('MERGE_QUEUE').length > 0,
    methods: METHODS.filter((method) => methods.includes(method))
      .filter((method) => !(isLinear && method === 'merge'))
      .filter((method) => pulls.every((rule) => allows(rule, method))),
  }
}

/** An older rule says nothing about methods, and allows all of them. */
function allows(rule: Answer, method: MergeMethod): boolean {
  const allowed = rule.texts('allowedMergeMethods').map((each) => each.toLowerCase())
  return allowed.length === 0 || allowed.includes(method)
}

/** The checks and statuses that any of the branches demands, by classic protection and rulesets together. */
export function parseRequiredChecks(...refs: readonly (Answer | undefined)[]): readonly RequiredCheck[] {
  const all = refs.flatMap((ref) => (ref === undefined ? [] : checksOf(ref)))
  return all.filter(
    ({ name, appId }, index) => all.findIndex((each) => each.name === name && each.appId === appId) === index,
  )
}

function checksOf(ref: Answer): readonly RequiredCheck[] {
  const rules = ref.maybe('rules')?.list('nodes') ?? []
  const ofRules = rules
    .filter((rule) => rule.text('type') === 'REQUIRED_STATUS_CHECKS')
    .flatMap((rule) => rule.maybe('parameters')?.list('requiredStatusChecks') ?? [])
    .map((check) => ({ name: check.text('context'), appId: check.maybeInteger('integrationId') }))
  const ofClassic = (ref.maybe('refUpdateRule')?.texts('requiredStatusCheckContexts') ?? []).map((name) => ({
    name,
    appId: undefined,
  }))
  return [...ofRules, ...ofClassic]
}

const DECISIONS: Readonly<Record<string, MergeFacts['reviewDecision']>> = {
  APPROVED: 'approved',
  CHANGES_REQUESTED: 'changes_requested',
  REVIEW_REQUIRED: 'review_required',
}

/** undefined where none of it was asked for. */
export function parseMergeFacts(pullRequest: Answer): MergeFacts | undefined {
  if (!pullRequest.has('reviewThreads')) return undefined
  const removal = pullRequest.maybe('timelineItems')?.list('nodes').at(-1)
  const at = removal?.maybeDate('createdAt')
  const entry = pullRequest.maybe('mergeQueueEntry')
  return {
    reviewDecision: DECISIONS[pullRequest.maybeText('reviewDecision') ?? ''],
    askedOwners: askedOwners(pullRequest.maybe('reviewRequests')?.list('nodes') ?? []),
    openConversations: pullRequest
      .child('reviewThreads')
      .list('nodes')
      .filter((thread) => !thread.flag('isResolved')).length,
    queued: entry && { by: actorLogin(entry.maybe('enqueuer')) },
    dequeued: at === undefined ? undefined : { at, reason: removal?.maybeText('reason') },
    autoMergeBy: autoMergeBy(pullRequest.maybe('autoMergeRequest')),
    mayBypass: pullRequest.raw['viewerCanMergeAsAdmin'] === true,
  }
}

/** Teams that the App cannot see are left out. */
const askedOwners = (requests: readonly Answer[]): readonly string[] =>
  requests
    .filter((request) => request.flag('asCodeOwner'))
    .map((request) => request.maybe('requestedReviewer'))
    .flatMap((reviewer) => reviewer?.maybeText('login') ?? reviewer?.maybeText('combinedSlug') ?? [])

const autoMergeBy = (request: Answer | undefined): string | undefined =>
  request === undefined ? undefined : (actorLogin(request.maybe('enabledBy')) ?? 'ghost')
