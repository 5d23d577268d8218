/**
 * What each call to GitHub needs, and what it is for. By GitHub's own tables:
 * https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps and
 * https://docs.github.com/en/webhooks/webhook-events-and-payloads. Compared with the code by app-manifest.test.ts.
 */

export type Needs = {
  /** Empty: the App's own token is enough, or `metadata: read`, which every App has. */
  readonly permissions: Readonly<Record<string, 'read' | 'write'>>
  readonly reason: string
  /** Granted by those who want it, beyond app.yml. */
  readonly optional?: Readonly<Record<string, 'write'>>
}

const nothing = (reason: string): Needs => ({ permissions: {}, reason })
const needs = (permissions: Needs['permissions'], reason: string): Needs => ({ permissions, reason })
const optional = (permissions: NonNullable<Needs['optional']>, reason: string): Needs => ({
  permissions: {},
  reason,
  optional: permissions,
})

export const NEEDS_OF_EVENTS: Readonly<Record<string, Needs>> = {
  check_run: needs({ checks: 'read' }, 'training has finished; a button was pressed'),
  check_suite: needs({ checks: 'read' }, 'training has finished'),
  deployment_status: needs({ deployments: 'read' }, 'a rollout that is told of by deployment statuses'),
  issue_comment: needs({ issues: 'read' }, 'slash commands: comments on pull requests are comments on issues'),
  merge_group: needs({ merge_queues: 'read' }, 'a merge queue waits for our check runs'),
  pull_request: needs({ pull_requests: 'read' }, 'something to compare; a merge'),
  pull_request_review: needs({ pull_requests: 'read' }, 'approvals of promotions'),
  pull_request_review_thread: needs({ pull_requests: 'read' }, 'conversations that a promotion waits for'),
  push: needs({ contents: 'read' }, 'commits on the default branch begin releases'),
  status: needs({ statuses: 'read' }, 'training has finished, at a CI that reports statuses'),
}

export const NEEDS_OF_ROUTES: Readonly<Record<string, Needs>> = {
  'GET /app': nothing('our own login'),
  'GET /app/installations': nothing('what each owner has accepted, for `lockkeeper doctor`'),
  'GET /app/hook/deliveries': nothing('deliveries that were missed'),
  'GET /app/hook/deliveries/{delivery_id}': nothing('their payload'),
  'GET /installation/repositories': nothing('where a rollback could not merge, for `lockkeeper doctor`'),
  'GET /orgs/{org}/teams/{team_slug}/memberships/{username}': needs({ members: 'read' }, '`deployers: [team:…]`'),
  'GET /repos/{owner}/{repo}': nothing('whether `lockkeeper simulate` may look there; its default branch'),
  'GET /repos/{owner}/{repo}/actions/artifacts/{artifact_id}/{archive_format}': needs(
    { actions: 'read' },
    'metrics and reports in artifacts',
  ),
  'GET /repos/{owner}/{repo}/actions/runs': needs({ actions: 'read' }, 'which runs on a commit may have metrics'),
  'GET /repos/{owner}/{repo}/actions/runs/{run_id}': needs({ actions: 'read' }, 'how a smoke test ended'),
  'GET /repos/{owner}/{repo}/actions/runs/{run_id}/artifacts': needs(
    { actions: 'read' },
    'metrics and reports in artifacts',
  ),
  'GET /repos/{owner}/{repo}/activity': needs({ contents: 'read' }, 'where a head was when a command was written'),
  'GET /repos/{owner}/{repo}/branches': needs(
    { contents: 'read' },
    'which branches are protected, where a GitHub Environment takes only those',
  ),
  'GET /repos/{owner}/{repo}/collaborators/{username}': nothing('who was given access to what everybody may read'),
  'GET /repos/{owner}/{repo}/collaborators/{username}/permission': nothing('who may run a command'),
  'GET /repos/{owner}/{repo}/commits/{ref}': needs({ contents: 'read' }, 'the whole id of a commit'),
  'GET /repos/{owner}/{repo}/commits/{ref}/check-runs': needs({ checks: 'read' }, 'our own check run, after a crash'),
  'GET /repos/{owner}/{repo}/compare/{basehead}': needs(
    { contents: 'read' },
    'whether one commit contains another; where two branches part',
  ),
  'GET /repos/{owner}/{repo}/deployments': needs({ deployments: 'read' }, 'our own Deployment, after a crash'),
  'GET /repos/{owner}/{repo}/environments/{environment_name}': needs(
    { actions: 'read' },
    'which branches a GitHub Environment takes',
  ),
  'GET /repos/{owner}/{repo}/environments/{environment_name}/deployment-branch-policies': needs(
    { actions: 'read' },
    'their patterns',
  ),
  'GET /repos/{owner}/{repo}/git/blobs/{file_sha}': needs({ contents: 'read' }, 'files that GraphQL cuts or decodes'),
  'GET /repos/{owner}/{repo}/installation': nothing('which installation acts'),
  'GET /repos/{owner}/{repo}/issues/comments': needs(
    { pull_requests: 'read' },
    'our replies and what they answer, for `lockkeeper rebuild`',
  ),
  'GET /repos/{owner}/{repo}/issues/{issue_number}': needs({ issues: 'read' }, 'where `lockkeeper simulate` stands'),
  'GET /users/{username}': nothing(
    'as whom `lockkeeper simulate` asks; whether somebody is suspended, on an Enterprise Server',
  ),
  'GET /users/{username}/installation': nothing('which installation acts'),
  'POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches': optional(
    { actions: 'write' },
    'smoke tests of `verify: workflow`; without it, the evidence says what to grant',
  ),
  'POST /repos/{owner}/{repo}/deployments': needs({ deployments: 'write' }, 'what is live where, at GitHub'),
  'POST /repos/{owner}/{repo}/issues/{issue_number}/labels': needs(
    { pull_requests: 'write' },
    'labels of a promotion pull request',
  ),
}

const COMMENT = needs({ pull_requests: 'write' }, 'comparison, replies and rollout on the pull request')
const BRANCH = needs({ contents: 'write' }, "a promotion's branch in the config repository")
const PULL_REQUEST = needs({ pull_requests: 'write' }, 'the promotion pull request')
const CHECK = needs({ checks: 'write' }, 'the check runs `lockkeeper` and `lockkeeper/promotion`')

const ISSUE = optional({ issues: 'write' }, 'an incident; without it, a comment on the promotion pull request tells it')

export const NEEDS_OF_MUTATIONS: Readonly<Record<string, Needs>> = {
  addComment: COMMENT,
  addReaction: COMMENT,
  updateIssueComment: COMMENT,
  createCheckRun: CHECK,
  updateCheckRun: CHECK,
  updateRefs: BRANCH,
  createCommitOnBranch: BRANCH,
  createPullRequest: PULL_REQUEST,
  updatePullRequest: PULL_REQUEST,
  addLabelsToLabelable: needs({ pull_requests: 'write' }, 'labels of a promotion pull request'),
  closePullRequest: PULL_REQUEST,
  mergePullRequest: needs({ contents: 'write', pull_requests: 'write' }, 'the merge, when every rule holds'),
  enqueuePullRequest: needs(
    { contents: 'write', merge_queues: 'write' },
    'the merge, where the config repository has a merge queue',
  ),
  createIssue: ISSUE,
  updateIssue: ISSUE,
  closeIssue: ISSUE,
  createDeploymentStatus: needs({ deployments: 'write' }, 'what is live where, at GitHub'),
}

const CONTENTS = needs({ contents: 'read' }, 'commits, branches and files')
const CHECKS = needs({ checks: 'read' }, 'results of other checks on a head')
const READ_PULL_REQUEST = needs({ pull_requests: 'read' }, 'what a pull request changes, and whether it is merged')
/** People, connections, and the answers of mutations, which need what the mutation needs. */
const STRUCTURE = nothing('metadata, or part of something listed')

/** The fields that lead to other objects, by name. `metadata: read` is enough for repositories, owners and people. */
export const NEEDS_OF_FIELDS: Readonly<Record<string, Needs>> = {
  app: STRUCTURE,
  associatedPullRequests: READ_PULL_REQUEST,
  author: STRUCTURE,
  autoMergeRequest: READ_PULL_REQUEST,
  baseRef: CONTENTS,
  baseRepository: STRUCTURE,
  checkRun: CHECKS,
  checkSuite: CHECKS,
  collaborators: nothing('who may run a command; REST answers where GitHub does not show the list'),
  commentEdge: STRUCTURE,
  comments: needs({ pull_requests: 'read' }, 'our own comment, after a crash'),
  commit: CONTENTS,
  commits: READ_PULL_REQUEST,
  committer: STRUCTURE,
  context: needs({ statuses: 'read' }, 'results and rollouts reported as commit statuses'),
  contexts: needs({ checks: 'read', statuses: 'read' }, 'results reported as check runs and as commit statuses'),
  creator: STRUCTURE,
  defaultBranchRef: CONTENTS,
  deploymentStatus: STRUCTURE,
  deployments: needs({ deployments: 'read' }, 'a rollout that is told of by deployment statuses'),
  edges: STRUCTURE,
  editor: STRUCTURE,
  enabledBy: STRUCTURE,
  enqueuer: STRUCTURE,
  environment: needs({ actions: 'read' }, 'what GitHub’s own environment demands'),
  file: CONTENTS,
  files: READ_PULL_REQUEST,
  history: CONTENTS,
  issue: STRUCTURE,
  issueComment: STRUCTURE,
  issues: needs({ issues: 'read' }, 'our own incident, after a crash'),
  label: READ_PULL_REQUEST,
  issueOrPullRequest: needs({ issues: 'read' }, 'where our own comment stands, after a crash'),
  labels: READ_PULL_REQUEST,
  members: needs({ members: 'read' }, '`deployers: [team:…]`'),
  latestStatus: STRUCTURE,
  mergeCommit: CONTENTS,
  mergeQueue: needs({ merge_queues: 'read' }, 'whether the config repository merges by a queue'),
  mergeQueueEntry: needs({ merge_queues: 'read' }, 'where a promotion stands in it'),
  mergedBy: READ_PULL_REQUEST,
  node: STRUCTURE,
  nodes: STRUCTURE,
  object: CONTENTS,
  organization: STRUCTURE,
  pageInfo: STRUCTURE,
  parameters: nothing('what the rules of a branch demand'),
  parents: CONTENTS,
  permissionSources: nothing('custom repository roles; REST answers where GitHub does not show them'),
  potentialMergeCommit: CONTENTS,
  protectionRules: needs({ actions: 'read' }, 'what GitHub’s own environment demands'),
  pullRequest: READ_PULL_REQUEST,
  pullRequests: READ_PULL_REQUEST,
  reaction: STRUCTURE,
  ref: CONTENTS,
  // Unlike `branchProtectionRule`, which is for administrators.
  refUpdateRule: nothing('what the protection of a branch demands, as everybody may see it'),
  repository: STRUCTURE,
  requestedReviewer: STRUCTURE,
  requiredStatusChecks: STRUCTURE,
  reviewRequests: READ_PULL_REQUEST,
  reviewThreads: READ_PULL_REQUEST,
  reviewers: needs({ actions: 'read' }, 'what GitHub’s own environment demands'),
  reviews: needs({ pull_requests: 'read' }, 'approvals of promotions'),
  rules: nothing('what the rulesets of a branch demand'),
  signature: needs({ contents: 'read' }, 'which commits are our own, for `lockkeeper rebuild`'),
  status: CHECKS,
  statusCheckRollup: needs({ checks: 'read', statuses: 'read' }, 'results reported as check runs and commit statuses'),
  statuses: needs({ deployments: 'read' }, 'how a Deployment of ours ended, for `lockkeeper rebuild`'),
  target: CONTENTS,
  team: needs({ members: 'read' }, '`deployers: [team:…]`'),
  timelineItems: READ_PULL_REQUEST,
  type: STRUCTURE,
  user: STRUCTURE,
  // Without it GitHub answers "Resource not accessible by integration" at this field: https://github.com/ag-grid/ag-grid/pull/14960
  workflow: needs({ actions: 'read' }, 'jobs of one name in two workflows are told apart'),
  workflowRun: needs({ actions: 'read' }, 'jobs of one name in two workflows are told apart'),
}
