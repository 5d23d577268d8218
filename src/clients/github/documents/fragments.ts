/** Fragments that several documents share. Their readers are in parse.ts. */

/** A file at a commit, read through `Commit.file(path:)`. `text` is null for binaries and cut for large ones; read-blob.ts checks it. */
export const FILE_PARTS = `fragment FileParts on TreeEntry {
  mode
  type
  object { ... on Blob { oid text isBinary isTruncated byteSize } }
}`

/** The first 100 results on a commit. */
export const CHECK_PARTS = `fragment CheckParts on Commit {
  oid
  statusCheckRollup {
    contexts(first: 100) { pageInfo { hasNextPage endCursor } nodes { ...ContextParts } }
  }
}`

/** One check run or commit status. */
export const CONTEXT_PARTS = `fragment ContextParts on StatusCheckRollupContext {
  __typename
  ... on CheckRun { name status conclusion startedAt detailsUrl url checkSuite { app { databaseId slug } workflowRun { workflow { databaseId } } } }
  ... on StatusContext { context state createdAt targetUrl creator { __typename login } }
}`

/** A promotion pull request. Comments without a verdict do not count, so only reviews with one are asked for. */
const PROMOTION_PARTS = `fragment PromotionParts on PullRequest {
  id
  number
  url
  state
  isCrossRepository
  headRefOid
  baseRefName
  mergeCommit { oid }
  mergedAt
  mergedBy { __typename login }
  mergeable
  mergeStateStatus
  body
  labels(first: 100) { nodes { name } }
  newest: commits(last: 5) {
    totalCount
    nodes { commit { oid parents(first: 2) { nodes { oid } } author { name } committer { name } } }
  }
  reviews(last: 100, states: [APPROVED, CHANGES_REQUESTED, DISMISSED]) {
    nodes { author { __typename login } state commit { oid } submittedAt }
  }
  commits(last: 1) { nodes { commit { ...CheckParts } } }
}`

/** What else stands between a promotion pull request and its merge. Only for one that is read by its number: it has several lists. */
export const MERGE_PARTS = `fragment MergeParts on PullRequest {
  reviewDecision
  viewerCanMergeAsAdmin
  autoMergeRequest { enabledBy { __typename login } }
  mergeQueueEntry { enqueuer { __typename login } }
  timelineItems(last: 1, itemTypes: [REMOVED_FROM_MERGE_QUEUE_EVENT]) {
    nodes { ... on RemovedFromMergeQueueEvent { createdAt reason } }
  }
  reviewThreads(last: 100) { nodes { isResolved } }
  reviewRequests(first: 50) {
    nodes { asCodeOwner requestedReviewer { __typename ... on User { login } ... on Team { combinedSlug } } }
  }
}`

/**
 * What a branch demands before a merge: `refUpdateRule` is the classic protection as everybody may see it
 * (`branchProtectionRule` is for administrators), `rules` those of all rulesets.
 */
export const BRANCH_RULE_PARTS = `fragment BranchRuleParts on Ref {
  refUpdateRule {
    requiredApprovingReviewCount
    requiredStatusCheckContexts
    requiresCodeOwnerReviews
    requiresConversationResolution
    requiresLinearHistory
  }
  rules(first: 100) {
    nodes {
      type
      parameters {
        ... on PullRequestParameters {
          requiredApprovingReviewCount
          requireCodeOwnerReview
          requiredReviewThreadResolution
          allowedMergeMethods
        }
        ... on RequiredStatusChecksParameters { requiredStatusChecks { context integrationId } }
      }
    }
  }
}`

/** The fragments that PROMOTION_PARTS needs, itself included. */
export const PROMOTION_FRAGMENTS = [PROMOTION_PARTS, CHECK_PARTS, CONTEXT_PARTS]

/** Pages of a pull request's files: only the path is needed. */
export const CHANGED_FILES = 'pageInfo { hasNextPage endCursor } nodes { path }'
