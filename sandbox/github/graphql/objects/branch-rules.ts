/** The rules of a branch as GraphQL shows them to everybody: a classic protection rule, or the rules of rulesets. */

import type { BranchProtection } from '../../branch-model.ts'
import { mayPush } from '../../branch-rules.ts'
import type { Repository } from '../../model.ts'
import { connection, type PageArguments } from '../connection.ts'
import type { Fields, View, ViewContext } from '../view.ts'

/** Fields of a branch. */
export function branchRuleFields(context: ViewContext, repository: Repository, branch: string): Fields {
  const rules = repository.protection.get(branch)
  const isClassic = rules !== undefined && rules.asRuleset !== true
  return {
    refUpdateRule: () => (isClassic ? presentUpdateRule(context, branch, rules) : null),
    rules: (bounds: PageArguments, info: never) =>
      connection(bounds, info, {
        items: rules === undefined || isClassic ? [] : rulesOf(rules),
        key: (rule) => String(rule['type']),
        view: (rule) => rule,
      }),
  }
}

/** Null where the branch has no merge queue. */
export function presentMergeQueue({ nodeId, protection }: Repository, branch: string): View | null {
  const method = protection.get(branch)?.mergeQueue
  if (method === undefined) return null
  return {
    __typename: 'MergeQueue',
    id: `MQ_${nodeId}_${branch}`,
    configuration: { mergeMethod: method.toUpperCase() },
  }
}

function presentUpdateRule(context: ViewContext, branch: string, rules: BranchProtection): View {
  const { approvals, codeOwners = [] } = rules
  return {
    __typename: 'RefUpdateRule',
    pattern: branch,
    requiredApprovingReviewCount: approvals === 0 && codeOwners.length === 0 ? null : approvals,
    requiredStatusCheckContexts: rules.checks,
    requiresCodeOwnerReviews: codeOwners.length > 0,
    requiresConversationResolution: rules.conversations ?? false,
    requiresLinearHistory: rules.linear ?? false,
    requiresSignatures: false,
    viewerCanPush: mayPush(rules, context.actor),
  }
}

function rulesOf(rules: BranchProtection): readonly View[] {
  const { approvals, codeOwners = [], methods = ['merge', 'squash', 'rebase'], mergeQueue } = rules
  const rule = (type: string, parameters: View | null = null): View => ({
    __typename: 'RepositoryRule',
    id: `RRU_${type}`,
    type,
    parameters,
  })
  return [
    rule('PULL_REQUEST', {
      __typename: 'PullRequestParameters',
      requiredApprovingReviewCount: approvals,
      requireCodeOwnerReview: codeOwners.length > 0,
      requiredReviewThreadResolution: rules.conversations ?? false,
      dismissStaleReviewsOnPush: rules.dismissStale,
      requireLastPushApproval: false,
      allowedMergeMethods: methods,
    }),
    ...(rules.checks.length === 0 ? [] : [rule('REQUIRED_STATUS_CHECKS', presentChecks(rules))]),
    ...(rules.linear === true ? [rule('REQUIRED_LINEAR_HISTORY')] : []),
    ...(mergeQueue === undefined ? [] : [rule('MERGE_QUEUE', { __typename: 'MergeQueueParameters' })]),
  ]
}

const presentChecks = ({ checks, strict, expected = {} }: BranchProtection): View => ({
  __typename: 'RequiredStatusChecksParameters',
  strictRequiredStatusChecksPolicy: strict ?? false,
  requiredStatusChecks: checks.map((context) => ({ context, integrationId: expected[context] ?? null })),
})
