/** Pull requests as GitHub prints them. What is derived (mergeability, files, commits) comes from ../pull-request-facts.ts. */
import { mergeableState } from '../branch-rules.ts'
import type { PullRequest, Repository } from '../model.ts'
import { type Mergeability, pullRequestChanges, pullRequestCommits, readMergeability } from '../pull-request-facts.ts'
import type { GitHubState } from '../state.ts'
import { authorAssociation, type Json, nullableUser, repositoryPage, repositoryUrl, simpleUser } from './accounts.ts'
import { label, repository } from './repository.ts'

/** `pull-request-simple`: as lists print it. */
export function simplePullRequest(state: GitHubState, record: PullRequest): Json {
  const base = repositoryUrl(state, record.repository)
  const url = `${base}/pulls/${record.number}`
  const issueUrl = `${base}/issues/${record.number}`
  const page = `${repositoryPage(state, record.repository)}/pull/${record.number}`
  const statuses = `${base}/statuses/${record.head.sha}`
  return {
    url,
    id: record.id,
    node_id: record.nodeId,
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    issue_url: issueUrl,
    number: record.number,
    state: record.state,
    locked: record.locked,
    title: record.title,
    user: simpleUser(state, record.author),
    body: record.body,
    created_at: record.createdAt,
    updated_at: record.updatedAt,
    closed_at: record.closedAt,
    merged_at: record.mergedAt,
    merge_commit_sha: record.merged ? record.mergeCommitSha : (record.testMerge?.sha ?? null),
    assignee: null,
    assignees: [],
    requested_reviewers: record.requestedReviewers.map((user) => simpleUser(state, user)),
    requested_teams: [],
    labels: record.labels.map((each) => label(state, record.repository, each)),
    milestone: null,
    draft: record.draft,
    commits_url: `${url}/commits`,
    review_comments_url: `${url}/comments`,
    review_comment_url: `${base}/pulls/comments{/number}`,
    comments_url: `${issueUrl}/comments`,
    statuses_url: statuses,
    head: side(state, { ...record.head, fallback: record.author.login }),
    base: side(state, { ...record.base, repository: record.repository, fallback: record.repository.owner.login }),
    _links: {
      self: { href: url },
      html: { href: page },
      issue: { href: issueUrl },
      comments: { href: `${issueUrl}/comments` },
      review_comments: { href: `${url}/comments` },
      review_comment: { href: `${base}/pulls/comments{/number}` },
      commits: { href: `${url}/commits` },
      statuses: { href: statuses },
    },
    author_association: authorAssociation(record.repository, record.author),
    auto_merge: autoMerge(state, record),
    active_lock_reason: null,
  }
}

type Side = {
  readonly repository: Repository | null
  readonly ref: string
  readonly sha: string
  readonly fallback: string
}

function side(state: GitHubState, { repository: from, ref, sha, fallback }: Side): Json {
  return {
    label: `${from?.owner.login ?? fallback}:${ref}`,
    ref,
    sha,
    user: from === null ? null : simpleUser(state, from.owner),
    repo: from === null ? null : sideRepository(state, from),
  }
}

/** Inside a pull request a repository carries its merge settings too. */
function sideRepository(state: GitHubState, from: Repository): Json {
  const { settings } = from
  return {
    ...repository(state, from),
    allow_squash_merge: settings.allowSquashMerge,
    allow_merge_commit: settings.allowMergeCommit,
    allow_rebase_merge: settings.allowRebaseMerge,
    allow_auto_merge: settings.allowAutoMerge,
    delete_branch_on_merge: settings.deleteBranchOnMerge,
    allow_update_branch: false,
    use_squash_pr_title_as_default: false,
  }
}

function autoMerge(state: GitHubState, { autoMerge: setting, title }: PullRequest): Json | null {
  if (setting === null) return null
  const { by, method } = setting
  return { enabled_by: simpleUser(state, by), merge_method: method, commit_title: title, commit_message: '' }
}

/**
 * `pull-request`: the whole. `mergeability` is what this reader gets to know: a direct read asks for it
 * (`readMergeability`), webhooks are sent before it is worked out.
 */
export function pullRequest(
  state: GitHubState,
  record: PullRequest,
  mergeability: Mergeability = readMergeability(state, record),
): Json {
  const changes = pullRequestChanges(record)
  const mergeable = mergeability === 'unknown' ? null : mergeability === 'mergeable'
  return {
    ...simplePullRequest(state, record),
    merged: record.merged,
    mergeable,
    rebaseable: mergeable,
    mergeable_state: mergeableState(record, mergeability),
    merged_by: nullableUser(state, record.mergedBy),
    comments: record.comments.length,
    review_comments: 0,
    maintainer_can_modify: record.maintainerCanModify,
    commits: pullRequestCommits(record).length,
    additions: changes.reduce((sum, change) => sum + change.additions, 0),
    deletions: changes.reduce((sum, change) => sum + change.deletions, 0),
    changed_files: changes.length,
  }
}
